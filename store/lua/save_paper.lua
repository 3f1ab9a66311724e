-- save_paper writes a document that belongs to no case, if it still is the one
-- that the caller saw.
--
-- KEYS[1] paper (hash: v, b)   KEYS[2] papers (set of names)
-- ARGV[1] version the caller saw, "0" = none   "3"
-- ARGV[2] name                                 "duty"
-- ARGV[3] body                                 "{...}"
-- returns the new version, or -1 when another one is in place   -9 malformed
local from = tonumber(ARGV[1])
if not from then return -9 end
if (tonumber(redis.call("HGET", KEYS[1], "v") or "0")) ~= from then return -1 end
redis.call("HSET", KEYS[1], "v", from + 1, "b", ARGV[3])
redis.call("SADD", KEYS[2], ARGV[2])
return from + 1
