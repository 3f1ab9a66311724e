-- retry puts a message back that was tried in vain, for whoever claimed it last;
-- that it left is forgotten, since the outcome is known.
--
-- KEYS[1] outbox (zset: due ms, of urgent alerts less some)   KEYS[2] bodies (hash)
-- ARGV[1] message id   "07k3.../3"
-- ARGV[2] new due ms   "1763902536123"
-- ARGV[3] body         its record
-- ARGV[4] where the claim put it in the outbox   "1763902506123"
-- returns 1, or 0 when the claim is over: another process has the message, or it
--         was settled or buried meanwhile (nothing written)
--         -9 malformed
if not (tonumber(ARGV[2]) and tonumber(ARGV[4])) then return -9 end
local at = redis.call("ZSCORE", KEYS[1], ARGV[1])
if not at or tonumber(at) ~= tonumber(ARGV[4]) then return 0 end
redis.call("ZADD", KEYS[1], ARGV[2], ARGV[1])
redis.call("HSET", KEYS[2], ARGV[1], ARGV[3])
redis.call("HDEL", KEYS[2], ARGV[1] .. "#")
return 1
