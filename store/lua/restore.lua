-- restore writes a case as a journal remembers it, unless the store holds this
-- version or a later one.
--
-- KEYS[1] timers (zset: due ms)   KEYS[2] outbox (zset: due ms)   KEYS[3] bodies (hash)
-- KEYS[4] refs (hash)             KEYS[5] receipts (hash)         KEYS[6] members (zset, lex)
-- KEYS[7] provider ids (hash)     KEYS[8] case (string)           KEYS[9] timeline (list)
-- KEYS[10] forms (hash)
-- ARGV[1] its version                                     "3"
-- ARGV[2] case id                                         "07k3..."
-- ARGV[3] reference, ARGV[4] hash of the receipt, "" = none
-- ARGV[5] case record
-- ARGV[6] its place among the timers, "0" = none          "1763902686123"
-- ARGV[7] members   ARGV[8] provider ids, as for commit
-- ARGV[9] event records, "" = none
-- ARGV[10] number of answers
--   then field and record of each answer
--   then id, due ms and body of each message that waits
-- returns 1, or 0 when the store holds this version or a later one (nothing written)
--         -3 the reference is taken   -4 the receipt is taken   -9 malformed
local call, id, version = redis.call, ARGV[2], tonumber(ARGV[1])
local send = 11 + 2 * (tonumber(ARGV[10]) or #ARGV)
if not version or send > #ARGV + 1 or (#ARGV + 1 - send) % 3 ~= 0 or not tonumber(ARGV[6]) then return -9 end
for i = send, #ARGV, 3 do
  if not tonumber(ARGV[i + 1]) then return -9 end
end
local have, members, sids = string.match(call("GET", KEYS[8]) or "",
  "^(%d+)\30[^\30]*\30([^\30]*)\30([^\n]*)\n")
if have and tonumber(have) >= version then return 0 end
for i = 3, 4 do
  local owner = ARGV[i] ~= "" and call("HGET", KEYS[i + 1], ARGV[i])
  if owner and owner ~= id then return -i end
end

-- From here on only writes. What an older version left in the indexes goes.
for m in string.gmatch(members or "", "[^\31]+") do call("ZREM", KEYS[6], m .. "|" .. id) end
for sid in string.gmatch(sids or "", "([^\29\31]+)\29") do call("HDEL", KEYS[7], sid) end
call("SET", KEYS[8], ARGV[1] .. "\30\30" .. ARGV[7] .. "\30" .. ARGV[8] .. "\n" .. ARGV[5])
for i = 3, 4 do
  if ARGV[i] ~= "" then call("HSET", KEYS[i + 1], ARGV[i], id) end
end
if ARGV[6] == "0" then call("ZREM", KEYS[1], id) else call("ZADD", KEYS[1], ARGV[6], id) end
for m in string.gmatch(ARGV[7], "[^\31]+") do call("ZADD", KEYS[6], 0, m .. "|" .. id) end
for sid, n in string.gmatch(ARGV[8], "([^\29\31]+)\29([^\31]*)") do call("HSET", KEYS[7], sid, id .. "/" .. n) end
call("DEL", KEYS[9])
if ARGV[9] ~= "" then call("RPUSH", KEYS[9], ARGV[9]) end
call("DEL", KEYS[10])
for i = 11, send - 1, 2 do call("HSET", KEYS[10], ARGV[i], ARGV[i + 1]) end
for i = send, #ARGV, 3 do
  call("ZADD", KEYS[2], ARGV[i + 1], ARGV[i])
  call("HSET", KEYS[3], ARGV[i], ARGV[i + 2])
end
return 1
