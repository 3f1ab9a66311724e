-- claim hands out messages that are due. A message stays in the outbox and comes
-- back when its lease is over, unless it is settled, retried or buried before.
--
-- KEYS[1] outbox (zset: due ms)   KEYS[2] bodies (hash), and beside a body, as
--                                 id "#", how often it was claimed since its last outcome
-- ARGV[1] now in ms               "1763902506123"
-- ARGV[2] end of the lease in ms  "1763902536123"
-- ARGV[3] most to hand out        "16"
-- returns {body, claims, body, claims, ...}; claims > 1 means that somebody had
--         the message before and told no outcome
--         -9 malformed
if not (tonumber(ARGV[1]) and tonumber(ARGV[2]) and tonumber(ARGV[3])) then return -9 end
local out = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], "-inf", ARGV[1], "LIMIT", 0, ARGV[3])) do
  local body = redis.call("HGET", KEYS[2], id)
  if body then
    redis.call("ZADD", KEYS[1], ARGV[2], id)
    out[#out + 1] = body
    out[#out + 1] = redis.call("HINCRBY", KEYS[2], id .. "#", 1)
  else
    redis.call("ZREM", KEYS[1], id)
  end
end
return out
