-- A node comes, or comes back: which row of sequences is it that goes on here?
-- KEYS: the state; the node's answers; the channel of the epoch that the node knows; what channels begin with
-- ARGV: a new epoch, should one be needed; this run of the server; the epoch, the sequence and the run that
--   the node knows; how long the answers are kept, in seconds
-- Gives the epoch, the sequence, the term.
local state, answers = KEYS[1], KEYS[2]
local new_epoch, run, seconds = ARGV[1], ARGV[2], ARGV[6]
local node_epoch, node_sequence, node_run = ARGV[3], tonumber(ARGV[4]), ARGV[5]
local RUNS = 16

local head = redis.call('HMGET', state, 'epoch', 'sequence', 'runs')
local epoch, sequence, runs = head[1], tonumber(head[2]), head[3]
local left = epoch

if not epoch then
  epoch, sequence, runs = new_epoch, 0, run .. ':0 '
  redis.call('DEL', state)
  redis.call('HSET', state, 'epoch', epoch, 'sequence', '0', 'symbols', '0', 'highest', '0', 'runs', runs)
elseif string.match(runs, '^[^:]+') ~= run then
  -- The server was started anew, or is another: what it has now is all that it kept.
  local known, kept = string.format('%s:%.0f ', run, sequence), 1
  for entry in string.gmatch(runs, '%S+ ') do
    if kept < RUNS then
      known = known .. entry
      kept = kept + 1
    end
  end
  runs = known
  redis.call('HSET', state, 'runs', runs)
  if epoch ~= node_epoch then
    -- Nobody is there yet who could say whether that is all: who has seen more may be gone, and his readers
    -- would go on here with numbers that are given twice.
    epoch = new_epoch
    redis.call('HSET', state, 'epoch', epoch)
  end
end

if epoch == node_epoch then
  -- Numbers that the node has seen and a later run began without were given twice since, or will be.
  local lowest, found = sequence, false
  for name, start in string.gmatch(runs, '(%S+):(%d+)') do
    if name == node_run then
      found = true
      break
    end
    lowest = math.min(lowest, tonumber(start))
  end
  if not found or lowest < node_sequence then
    epoch = new_epoch
    redis.call('HSET', state, 'epoch', epoch)
  end
end

if epoch ~= node_epoch then
  redis.call('UNLINK', KEYS[3]) -- Nobody goes on with it.
end
if left and epoch ~= left then
  redis.call('UNLINK', KEYS[4] .. left) -- Of nodes that may never come back.
end

local term = redis.call('HINCRBY', answers, 'term', 1)
redis.call('EXPIRE', answers, seconds)
return { epoch, string.format('%.0f', sequence), tostring(term) }
