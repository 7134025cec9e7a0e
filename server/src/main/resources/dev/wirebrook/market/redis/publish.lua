-- Gives updates their sequences, merges each into what is known of its symbol, keeps the result, and puts it
-- into the channel; all of it or, when the epoch or the term is another by now, nothing.
-- KEYS: the state; the channel; the node's answers
-- ARGV: epoch; term; number of the publication; updates that the channel keeps; symbols at most; answers
--   that are kept, and how long, in seconds; then one for each update, as PublishArguments writes it
-- Gives one outcome for each update, as Outcomes reads them; nil: nothing was done.
local state, channel, answers = KEYS[1], KEYS[2], KEYS[3]
local epoch, term, number = ARGV[1], ARGV[2], ARGV[3]
local history, symbols_max, answers_max, seconds = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local ACCEPTED, OTHER_ID, FULL, OTHER_SYMBOL, LATE, UNKNOWN, DUPLICATE = 0, 1, 2, 3, 4, 5, 6
local SYMBOL, EXCHANGE, TIME = 2, 3, 14
-- What an update is: its time is given by the clock, or by its publisher; or it forgets what is known.
local TIMED, RESET = 1, 2

local head = redis.call('HMGET', state, 'epoch', 'sequence', 'symbols', 'highest', 'filled')
local told = redis.call('HMGET', answers, 'term', number)
if head[1] ~= epoch or told[1] ~= term then
  return false
end
if told[2] then
  return told[2]
end
local first, symbols, highest = tonumber(head[2]), tonumber(head[3]), tonumber(head[4])
local sequence, filled = first, tonumber(head[5] or 0)

-- An encoded snapshot from a place on, field by field with its tag. Its tags are of one byte, its values of
-- eight bytes or with a length.
local function fields_of(bytes, at)
  local fields = {}
  while at <= #bytes do
    local from, tag = at, string.byte(bytes, at)
    local kind = tag % 8
    at = at + 1
    if kind == 1 then
      at = at + 8
    else
      local length, scale = 0, 1
      repeat
        local byte = string.byte(bytes, at)
        length = length + byte % 128 * scale
        scale = scale * 128
        at = at + 1
      until byte < 128
      at = at + length
    end
    fields[(tag - kind) / 8] = string.sub(bytes, from, at - 1)
  end
  return fields
end

-- What is known of symbols, and ids of names: read once, then as the updates here have left it.
local known, ids, changed, named = {}, {}, {}, {}

local function id_of(symbol)
  local id = ids[symbol]
  if id == nil then
    id = tonumber(redis.call('HGET', state, '$' .. symbol)) or false
    ids[symbol] = id
  end
  return id
end

local function find(id)
  local of = known[id]
  if of == nil then
    local value = redis.call('HGET', state, '#' .. id)
    if value then
      local last, previous, ordinal, second, micro, at = struct.unpack('>ddddI4', value)
      of = { sequence = last, ordinal = ordinal, second = second, micro = micro, fields = fields_of(value, at) }
    else
      of = false
    end
    known[id] = of
  end
  return of
end

local function is_taken(id)
  if known[id] == nil then
    return redis.call('HEXISTS', state, '#' .. id) == 1
  end
  return known[id]
end

-- The next above all others, and when the highest there is was taken, the lowest.
local function free_id()
  if highest < 2147483647 then
    return highest + 1
  end
  while is_taken(filled + 1) do
    filled = filled + 1
  end
  return filled + 1
end

local function name_in(fields)
  return fields[SYMBOL] and string.sub(fields[SYMBOL], 3) or ''
end

-- Whether an update says nothing that is not known.
local function is_known(fields, before)
  for field, bytes in pairs(fields) do
    if before[field] ~= bytes then
      return false
    end
  end
  return true
end

local function publish(update)
  local id, bits, second, micro, kind, symbol, at = struct.unpack('>I4I4dI4BBc0', update)
  local id_known = symbol ~= '' and id_of(symbol)
  if id == 0 then
    if not id_known and symbols >= symbols_max then
      return struct.pack('>Bd', FULL, symbols)
    end
    id = id_known or free_id()
  elseif id_known and id_known ~= id then
    return struct.pack('>Bd', OTHER_ID, id_known)
  end
  local of = find(id)
  if kind == RESET and not of then
    return struct.pack('>Bd', UNKNOWN, 0)
  end
  if not of and symbols >= symbols_max then
    return struct.pack('>Bd', FULL, symbols)
  end
  local before = of and of.fields or {}
  local name = name_in(before)
  if name ~= '' and symbol ~= '' and name ~= symbol then
    return struct.pack('>BdBc0', OTHER_SYMBOL, id, #name, name)
  end
  local fields = fields_of(update, at)
  if kind == RESET then
    before = { [SYMBOL] = before[SYMBOL], [EXCHANGE] = before[EXCHANGE] }
  elseif of and (second < of.second or (second == of.second and micro < of.micro)) then
    if kind == TIMED then
      return struct.pack('>Bd', LATE, 0)
    end
    -- Left out, time stands still rather than running backwards.
    second, micro, fields[TIME] = of.second, of.micro, before[TIME]
  end

  if of and kind == TIMED and is_known(fields, before) then
    return struct.pack('>Bd', DUPLICATE, of.sequence)
  end

  local parts = {}
  for field = SYMBOL, TIME do
    fields[field] = fields[field] or before[field]
    parts[#parts + 1] = fields[field]
  end
  sequence = sequence + 1
  local previous, ordinal = of and of.sequence or 0, of and of.ordinal + 1 or 1
  local bytes = table.concat(parts)
  known[id] = { sequence = sequence, ordinal = ordinal, second = second, micro = micro, fields = fields }
  changed[id] = struct.pack('>ddddI4', sequence, previous, ordinal, second, micro) .. bytes
  highest = math.max(highest, id)
  if not of then
    symbols = symbols + 1
  end
  if symbol ~= '' and not id_known then
    ids[symbol], named[symbol] = id, id
  end
  return struct.pack('>Bd', ACCEPTED, sequence),
    struct.pack('>I4I4dddI4', id, bits, sequence, previous, ordinal, #bytes) .. bytes
end

local outcomes, updates = {}, {}
for i = 8, #ARGV do
  local outcome, update = publish(ARGV[i])
  outcomes[#outcomes + 1] = outcome
  updates[#updates + 1] = update
end

if sequence > first then
  -- First, for it alone can be refused.
  redis.call('XADD', channel, 'MINID', '~', string.format('%.0f', math.max(0, sequence - history)),
    string.format('%.0f-0', sequence), 'u', table.concat(updates))
  for id, value in pairs(changed) do
    redis.call('HSET', state, '#' .. id, value)
  end
  for symbol, id in pairs(named) do
    redis.call('HSET', state, '$' .. symbol, id)
  end
  redis.call('HSET', state, 'sequence', string.format('%.0f', sequence), 'symbols', symbols, 'highest', highest,
    'filled', filled)
end

-- Remembered, for a node that does not hear it asks again.
local answer = table.concat(outcomes)
redis.call('HSET', answers, number, answer)
redis.call('HDEL', answers, string.format('%.0f', tonumber(number) - answers_max))
redis.call('EXPIRE', answers, seconds)
return answer
