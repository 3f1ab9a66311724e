-- retry puts a message back that was tried in vain; its claims are forgotten,
-- since their outcome is known.
--
-- KEYS[1] outbox (zset: due ms)   KEYS[2] bodies (hash)
-- ARGV[1] message id   "07k3.../3"
-- ARGV[2] new due ms   "1763902536123"
-- ARGV[3] body         its record
-- returns 1, or 0 when the message was settled or buried meanwhile (nothing written)
--         -9 malformed
if not tonumber(ARGV[2]) then return -9 end
if redis.call("HEXISTS", KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call("ZADD", KEYS[1], ARGV[2], ARGV[1])
redis.call("HSET", KEYS[2], ARGV[1], ARGV[3])
redis.call("HDEL", KEYS[2], ARGV[1] .. "#")
return 1
