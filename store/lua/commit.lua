-- commit applies one change to one case, with the turn of a conversation if one
-- moved with it, or writes nothing. turn.lua stands before it.
--
-- KEYS[1] timers (zset: due ms)      KEYS[2] outbox (zset: due ms)   KEYS[3] bodies (hash)
-- KEYS[4] open cases (zset)          KEYS[5] refs (hash)             KEYS[6] receipts (hash)
-- KEYS[7] members (zset, lex)        KEYS[8] provider ids (hash)     KEYS[9] feed (stream)
-- KEYS[10] tally (hash)              KEYS[11] case (string)          KEYS[12] timeline (list)
-- with a turn: KEYS[13] silent (zset)   KEYS[14] session (string)   KEYS[15] memory of the turn
-- with answers: the last key, KEYS[13] or KEYS[16], is forms (hash)
-- ARGV[1] attempt: who is asking, new for each call            "k3j2h1-4"
-- ARGV[2] command id, short                                    "m5xw2zlu..."
-- ARGV[3] version the caller read, "0" = must not exist        "3"
-- ARGV[4] longest feed                                         "2000"
-- ARGV[5] case id                                              "07k3..."
-- ARGV[6] reference, "" = none yet                             "K7F4"
-- ARGV[7] hash of the receipt, "" = none yet                   "9f2c..."
-- ARGV[8] when it was opened in ms, "" = it is closed          "1763902506123"
-- ARGV[9] case record
-- ARGV[10] all its timers            "intake\29176...\31ladder\29176..."
-- ARGV[11] members who can answer it                           "m1\31m2"
-- ARGV[12] provider ids of alerts not yet final                "twilio|SM1\293\31..."
-- ARGV[13] day of the tally                                    "20261123"
-- ARGV[14] event records, each with its length, "" = none
-- ARGV[15] number of answers                                   "0"
--   then the turn, as turn.lua lists it, if there is one
--   then the number of messages settled, and their ids
--   then id, due ms and body of each message sent
--   then field and record of each answer
-- case value: version \30 timers \30 members \30 provider ids \30 commands "\n" record
-- returns the new version >= 1 (also for this very attempt, sent twice)
--         {version, reply or false} the turn or command was applied before; nothing written
--         -1 the case has another version   -2 the session has another version
--         -3 the reference is taken         -4 the receipt is taken   -9 malformed
local COMMANDS_KEPT = 8 -- of an open case; a closed one stays for years and keeps two
local HEAD = "^(%d+)\30([^\30]*)\30([^\30]*)\30([^\30]*)\30([^\n]*)\n"

-- Everything is checked before the first write: a script does not roll back.
local id, from = ARGV[5], tonumber(ARGV[3])
local has_turn, turn, settle = KEYS[15], 16, 16
local answers = tonumber(ARGV[15])
if not answers or answers < 0 or answers > 0 and not KEYS[has_turn and 16 or 13] then return -9 end
local answer = #ARGV + 1 - 2 * answers
if has_turn then settle = turn + TURN_ARGS end
local send = settle + 1 + (tonumber(ARGV[settle]) or -1)
if send <= settle or send > answer or (answer - send) % 3 ~= 0 then return -9 end
if not from or not tonumber(ARGV[4]) then return -9 end
if ARGV[8] ~= "" and not tonumber(ARGV[8]) then return -9 end
for i = send, answer - 1, 3 do
  if not tonumber(ARGV[i + 1]) then return -9 end
end
local due = {}
for timer, ms in gmatch(ARGV[10], "([^\29\31]+)\29([^\31]*)") do
  if not tonumber(ms) then return -9 end
  due[timer] = ms
end
if has_turn and not turn_valid(turn) then return -9 end

-- A turn that was answered is answered again; a command that was applied too.
local started
if has_turn then
  local who, version, reply = turn_memory(KEYS[15])
  if who then
    if who == ARGV[1] then return tonumber(version) end
    return {tonumber(version), reply}
  end
end
local have, timers, members, sids, commands = "0", "", "", "", ""
local held = call("GETRANGE", KEYS[11], 0, 1023) -- the line is nearly always shorter
if held ~= "" then
  if not find(held, "\n", 1, true) then held = call("GET", KEYS[11]) end
  have, timers, members, sids, commands = match(held, HEAD)
  local _, known = find(commands, "\29" .. ARGV[2] .. "\31", 1, true)
  if known then
    local who, version = match(commands, "^([^\31]*)\31(%d+)", known + 1)
    if who == ARGV[1] then return tonumber(version) end
    return {tonumber(version), false}
  end
end
if has_turn then
  local version
  version, started = turn_held(KEYS[14])
  if version ~= ARGV[turn] then return -2 end
end
if have ~= ARGV[3] then return -1 end
local claim_ref, claim_receipt = false, false
if ARGV[6] ~= "" then
  local owner = call("HGET", KEYS[5], ARGV[6])
  if owner and owner ~= id then return -3 end
  claim_ref = not owner
end
if ARGV[7] ~= "" then
  local owner = call("HGET", KEYS[6], ARGV[7])
  if owner and owner ~= id then return -4 end
  claim_receipt = not owner
end

-- From here on only writes.
local version = from + 1
commands = "\29" .. ARGV[2] .. "\31" .. ARGV[1] .. "\31" .. version .. commands
local cut = 1
for _ = 1, ARGV[8] == "" and 2 or COMMANDS_KEPT do
  cut = find(commands, "\29", cut + 1, true)
  if not cut then break end
end
if cut then commands = string.sub(commands, 1, cut - 1) end
call("SET", KEYS[11], version .. "\30" .. ARGV[10] .. "\30" .. ARGV[11] .. "\30" .. ARGV[12]
  .. "\30" .. commands .. "\n" .. ARGV[9])

if claim_ref then call("HSET", KEYS[5], ARGV[6], id) end
if claim_receipt then call("HSET", KEYS[6], ARGV[7], id) end
if ARGV[8] == "" then
  call("ZREM", KEYS[4], id)
else
  call("ZADD", KEYS[4], ARGV[8], id)
end
if from == 0 then call("HINCRBY", KEYS[10], ARGV[13] .. ":filed", 1) end

-- The timers of the case are the truth: all are set, those gone are removed.
for timer, ms in pairs(due) do
  call("ZADD", KEYS[1], ms, id .. "|" .. timer)
end
if timers ~= ARGV[10] then
  for timer in gmatch(timers, "([^\29\31]+)\29") do
    if not due[timer] then call("ZREM", KEYS[1], id .. "|" .. timer) end
  end
end
if members ~= ARGV[11] then
  local keep = {}
  for m in gmatch(ARGV[11], "[^\31]+") do
    keep[m] = true
    call("ZADD", KEYS[7], 0, m .. "|" .. id)
  end
  for m in gmatch(members, "[^\31]+") do
    if not keep[m] then call("ZREM", KEYS[7], m .. "|" .. id) end
  end
end
if sids ~= ARGV[12] then
  local keep = {}
  for sid, n in gmatch(ARGV[12], "([^\29\31]+)\29([^\31]*)") do
    keep[sid] = true
    call("HSET", KEYS[8], sid, id .. "/" .. n)
  end
  for sid in gmatch(sids, "([^\29\31]+)\29") do
    if not keep[sid] then call("HDEL", KEYS[8], sid) end
  end
end

-- The claims of a message lie beside its body.
for i = settle + 1, send - 1 do
  call("ZREM", KEYS[2], ARGV[i])
  call("HDEL", KEYS[3], ARGV[i], ARGV[i] .. "#")
end
for i = send, answer - 1, 3 do
  call("ZADD", KEYS[2], ARGV[i + 1], ARGV[i])
  call("HSET", KEYS[3], ARGV[i], ARGV[i + 2])
end
for i = answer, #ARGV, 2 do
  call("HSET", KEYS[16] or KEYS[13], ARGV[i], ARGV[i + 1])
end
if ARGV[14] ~= "" then
  call("RPUSH", KEYS[12], ARGV[14])
  call("XADD", KEYS[9], "MAXLEN", "~", ARGV[4], "*", "c", id, "e", ARGV[14])
end
if has_turn then
  turn_save(turn, KEYS[14], KEYS[15], KEYS[13], KEYS[10], started, ARGV[1], version)
end
return version
