-- save_signin keeps who is signed in. One that is not fresh must still be there:
-- a session that was ended must not come back because it was used meanwhile.
--
-- KEYS[1] signin (string)   KEYS[2] those of the account (set)
-- ARGV[1] "1": a fresh one   "1"
-- ARGV[2] its id             "k3f…"
-- ARGV[3] body               "{...}"
-- ARGV[4] lifetime in ms     "43200000"
-- returns 1, or -1 when it is not there any more   -9 malformed
local keep = tonumber(ARGV[4])
if not keep or keep < 1 then return -9 end
if ARGV[1] ~= "1" and redis.call("EXISTS", KEYS[1]) == 0 then return -1 end
redis.call("SET", KEYS[1], ARGV[3], "PX", ARGV[4])
redis.call("SADD", KEYS[2], ARGV[2])
if redis.call("PTTL", KEYS[2]) < keep then redis.call("PEXPIRE", KEYS[2], ARGV[4]) end
return 1
