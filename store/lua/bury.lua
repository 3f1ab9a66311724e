-- bury moves a message to the dead list, which is never cut.
--
-- KEYS[1] outbox (zset: due ms)   KEYS[2] bodies (hash)   KEYS[3] dead (hash)
-- ARGV[1] message id   "07k3.../3"
-- ARGV[2] body with the reason   "{...}"
-- returns 1 when it was new on the list, else 0
redis.call("ZREM", KEYS[1], ARGV[1])
redis.call("HDEL", KEYS[2], ARGV[1], ARGV[1] .. "#")
return redis.call("HSET", KEYS[3], ARGV[1], ARGV[2])
