-- unbury puts a dead message back into the outbox.
--
-- KEYS[1] outbox (zset: due ms)   KEYS[2] bodies (hash)   KEYS[3] dead (hash)
-- ARGV[1] message id   "07k3.../3"
-- ARGV[2] due ms       "1763902536123"
-- ARGV[3] body         its record
-- returns 1, or 0 when it is not on the list (nothing written)   -9 malformed
if not tonumber(ARGV[2]) then return -9 end
if redis.call("HDEL", KEYS[3], ARGV[1]) == 0 then return 0 end
redis.call("ZADD", KEYS[1], ARGV[2], ARGV[1])
redis.call("HSET", KEYS[2], ARGV[1], ARGV[3])
return 1
