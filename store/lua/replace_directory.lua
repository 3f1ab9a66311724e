-- replace_directory puts a whole directory in place of the one the caller saw.
--
-- KEYS[1] directory (hash: v, b)
-- ARGV[1] version the caller saw, "" = none   "2026-11-01"
-- ARGV[2] new version                         "2026-11-23"
-- ARGV[3] body                                "{...}"
-- returns 1, or -1 when another version is in place
if (redis.call("HGET", KEYS[1], "v") or "") ~= ARGV[1] then return -1 end
redis.call("HSET", KEYS[1], "v", ARGV[2], "b", ARGV[3])
return 1
