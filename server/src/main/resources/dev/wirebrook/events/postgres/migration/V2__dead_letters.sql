-- Parked events of all nodes. Narrow, so that listings and counts do not read the events themselves.
CREATE TABLE wirebrook_dead_letters (
  letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  route text NOT NULL,
  position bigint NOT NULL,
  place integer NOT NULL,
  event_id text NOT NULL,
  type text NOT NULL,
  client_id text NOT NULL,
  stage text NOT NULL,
  reason text NOT NULL,
  attempts integer NOT NULL,
  ingest_time bigint NOT NULL,
  first_failure_time bigint NOT NULL,
  parked_time bigint NOT NULL,
  state text NOT NULL,
  replay_time bigint,
  claimed_until timestamptz
);

-- By hash, because a name may be longer than an ordered index takes.
CREATE INDEX wirebrook_dead_letters_by_type ON wirebrook_dead_letters USING hash (type);
CREATE INDEX wirebrook_dead_letters_by_client ON wirebrook_dead_letters USING hash (client_id);
CREATE INDEX wirebrook_dead_letters_by_state ON wirebrook_dead_letters (state, stage);
CREATE INDEX wirebrook_dead_letters_by_parked_time ON wirebrook_dead_letters (parked_time);

CREATE TABLE wirebrook_dead_letter_bodies (
  letter_id bigint PRIMARY KEY REFERENCES wirebrook_dead_letters ON DELETE CASCADE,
  header bytea NOT NULL,
  event bytea NOT NULL
);

-- Every letter that was ever parked, also after a purge: by which log, and where it stands in it.
CREATE TABLE wirebrook_parked (
  log text NOT NULL,
  position bigint NOT NULL,
  place integer NOT NULL,
  route text NOT NULL,
  PRIMARY KEY (log, position, place, route)
);

-- One row, made by the first node: ids of replayed events are derived from it.
CREATE TABLE wirebrook_replay_key (
  one boolean PRIMARY KEY CHECK (one),
  key bytea NOT NULL
);
