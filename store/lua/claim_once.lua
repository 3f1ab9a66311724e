-- claim_once gives something to the first who asks for it.
--
-- KEYS[1] claimed (string)
-- ARGV[1] who asks          "JBSWY3DP"
-- ARGV[2] lifetime in ms    "86400000"
-- returns who has it   -9 malformed
if ARGV[1] == "" or not tonumber(ARGV[2]) or tonumber(ARGV[2]) < 1 then return -9 end
local have = redis.call("GET", KEYS[1])
if have then return have end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return ARGV[1]
