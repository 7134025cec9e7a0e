-- How far each route of each log is; moved in one transaction with the rows.
CREATE TABLE wirebrook_progress (
  log text NOT NULL,
  route text NOT NULL,
  position bigint NOT NULL,
  entry_index integer NOT NULL,
  stored bigint NOT NULL,
  duplicate bigint NOT NULL,
  quarantined bigint NOT NULL,
  dead_lettered bigint NOT NULL,
  PRIMARY KEY (log, route)
);

-- Which column of a typed table is which field's.
CREATE TABLE wirebrook_columns (
  table_name text NOT NULL,
  column_name text NOT NULL,
  type text NOT NULL,
  owner text NOT NULL,
  field_name text NOT NULL,
  PRIMARY KEY (table_name, column_name)
);
