-- attempt counts an answer that may be wrong before anybody looks at it, or says
-- how long it must wait. One that must wait is not counted.
--
-- KEYS[1] attempts (hash: n, u)
-- ARGV[1] now in ms                                   "1763902506123"
-- ARGV[2] lifetime of the count in ms                 "86400000"
-- ARGV[3...] wait in ms after the first, second, ...  "0" "0" "2000"
-- returns the wait in ms, 0 when the answer may be looked at   -9 malformed
local now = tonumber(ARGV[1])
if not now or not tonumber(ARGV[2]) or #ARGV < 3 then return -9 end
local left = tonumber(redis.call("HGET", KEYS[1], "u") or "0") - now
if left > 0 then return left end
local n = redis.call("HINCRBY", KEYS[1], "n", 1)
local wait = tonumber(ARGV[2 + math.min(n, #ARGV - 2)])
redis.call("HSET", KEYS[1], "u", string.format("%.0f", now + wait))
redis.call("PEXPIRE", KEYS[1], ARGV[2])
return 0
