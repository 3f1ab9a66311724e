-- sweep_silent counts contacts that ended before they said anything.
--
-- KEYS[1] silent contacts (zset: due ms)   KEYS[2] feed (stream)   KEYS[3] tally (hash)
-- ARGV[1] now in ms          "1763902506123"
-- ARGV[2] most to take       "100"
-- ARGV[3] day of the tally   "20261123"
-- ARGV[4] event record, with its length
-- ARGV[5] longest feed       "2000"
-- returns how many were counted   -9 malformed
if not (tonumber(ARGV[1]) and tonumber(ARGV[2]) and tonumber(ARGV[5])) then return -9 end
local due = redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[1], "LIMIT", 0, ARGV[2])
for _, id in ipairs(due) do
  redis.call("ZREM", KEYS[1], id)
  redis.call("XADD", KEYS[2], "MAXLEN", "~", ARGV[5], "*", "c", "", "e", ARGV[4])
end
if #due > 0 then redis.call("HINCRBY", KEYS[3], ARGV[3] .. ":silent", #due) end
return #due
