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
-- ARGV[2] command id, short, "" = none but the attempt         "m5xw2zlu..."
-- ARGV[3] version the caller read, "0" = must not exist        "3"
-- ARGV[4] day of the tally                                     "20261123"
-- ARGV[5] case id                                              "07k3..."
-- ARGV[6] when it was opened in ms, "" = it is closed; reference; hash of the
--         receipt, "" = none yet                               "1763902506123\31K7F4\319f2c..."
-- ARGV[7] case record
-- ARGV[8] all its timers            "intake\29176...\31ladder\29176..."
-- ARGV[9] members who can answer it                            "m1\31m2"
-- ARGV[10] provider ids of alerts not yet final                "twilio|SM1\293\31..."
-- ARGV[11] event records, each with its length, "" = none
-- ARGV[12] number of answers                                   "0"
--   then the turn, as turn.lua lists it, if there is one
--   then the number of messages settled, and their ids
--   then id, due ms and body of each message sent
--   then field and record of each answer
-- FEED, the longest feed, is set before the script by scripts.go.
-- case value: version \30 ARGV[6], "\31" of a closed case \30 timers \30 members \30 provider ids \30 commands "\n" record
-- command: \29 id \31 attempt \31 version, the last one first
-- returns the new version >= 1 (also for this very attempt, sent twice)
--         {version, reply or false} the turn or command was applied before; nothing written
--         -1 the case has another version   -2 the session has another version
--         -3 the reference is taken         -4 the receipt is taken   -9 malformed
--
-- A step is mostly this script, and Redis runs one at a time: what the line says
-- is stored already is not written again, lists are taken apart by plain finds and
-- only when they changed, what goes into one key goes in one call, and numbers are
-- passed as text, since turning one into text costs more than a plain read.
local COMMANDS_KEPT = 8 -- of an open case; a closed one stays for years and keeps two

-- parsed is a list of names and values, or of names alone, as a table.
local function parsed(list)
  local t = {}
  for item in gmatch(list, "[^\31]+") do
    local at = find(item, "\29", 1, true)
    if at then t[sub(item, 1, at - 1)] = sub(item, at + 1) else t[item] = "0" end
  end
  return t
end

-- all calls a command on one key with any number of arguments: Lua cannot pass
-- more than a few thousand at once.
local function all(command, key, args)
  for from = 1, #args, 1000 do
    call(command, key, unpack(args, from, math.min(from + 999, #args)))
  end
end

-- Everything is checked before the first write: a script does not roll back.
local id, from = ARGV[5], tonumber(ARGV[3])
local has_turn, turn, settle = KEYS[15], 13, 13
local answers = tonumber(ARGV[12])
if not answers or answers < 0 or answers > 0 and not KEYS[has_turn and 16 or 13] then return -9 end
local answer = #ARGV + 1 - 2 * answers
if has_turn then settle = turn + TURN_ARGS end
local send = settle + 1 + (tonumber(ARGV[settle]) or -1)
if send <= settle or send > answer or (answer - send) % 3 ~= 0 or not from then return -9 end
for i = send, answer - 1, 3 do
  if not tonumber(ARGV[i + 1]) then return -9 end
end
if has_turn and not turn_valid(turn) then return -9 end

-- A turn that was answered is answered again; a command that was applied too.
local talk
if has_turn then
  local who, version, reply = turn_memory(KEYS[15])
  if who then
    if who == ARGV[1] then return tonumber(version) end
    return {tonumber(version), reply}
  end
end
local have, standing, timers, members, sids, commands = "0", "", "", "", "", ""
local held = call("GETRANGE", KEYS[11], "0", "1023") -- the line is nearly always shorter
if held ~= "" then
  local stop = find(held, "\n", 1, true)
  if not stop then
    held = call("GET", KEYS[11])
    stop = find(held, "\n", 1, true)
  end
  local a = find(held, "\30", 1, true)
  local b = find(held, "\30", a + 1, true)
  local c = find(held, "\30", b + 1, true)
  local d = find(held, "\30", c + 1, true)
  local e = find(held, "\30", d + 1, true)
  have, standing, timers = sub(held, 1, a - 1), sub(held, a + 1, b - 1), sub(held, b + 1, c - 1)
  members, sids, commands = sub(held, c + 1, d - 1), sub(held, d + 1, e - 1), sub(held, e + 1, stop - 1)
  local sought = ARGV[2] == "" and "\29\31" .. ARGV[1] .. "\31" or "\29" .. ARGV[2] .. "\31"
  local at = find(commands, sought, 1, true)
  if at then
    local who, version = match(commands, "^[^\31]*\31([^\31]*)\31(%d+)", at)
    if who == ARGV[1] then return tonumber(version) end
    return {tonumber(version), false}
  end
end
if has_turn then
  local version
  version, talk = turn_held(KEYS[14])
  if version ~= ARGV[turn] then return -2 end
end
if have ~= ARGV[3] then return -1 end

-- What differs from what is stored: first looked at, then written below.
local opened, ref, receipt, claim_ref, claim_receipt, was_open
if standing ~= ARGV[6] then
  opened, ref, receipt = match(ARGV[6], "^(%d*)\31([^\31]*)\31([^\31]*)$")
  if not opened then return -9 end
  was_open = sub(standing, 1, 1) ~= "\31"
  if ref ~= "" then
    local owner = call("HGET", KEYS[5], ref)
    if owner and owner ~= id then return -3 end
    claim_ref = not owner
  end
  if receipt ~= "" then
    local owner = call("HGET", KEYS[6], receipt)
    if owner and owner ~= id then return -4 end
    claim_receipt = not owner
  end
end
local arm, disarm
if timers ~= ARGV[8] then
  local old, due = parsed(timers), parsed(ARGV[8])
  arm, disarm = {}, {}
  for timer, ms in pairs(due) do
    if not tonumber(ms) then return -9 end
    if old[timer] ~= ms then
      arm[#arm + 1] = ms
      arm[#arm + 1] = id .. "|" .. timer
    end
  end
  for timer in pairs(old) do
    if not due[timer] then disarm[#disarm + 1] = id .. "|" .. timer end
  end
end

-- From here on only writes.
local version = tostring(from + 1)
commands = "\29" .. ARGV[2] .. "\31" .. ARGV[1] .. "\31" .. version .. commands
local cut = 1
for _ = 1, sub(ARGV[6], 1, 1) == "\31" and 2 or COMMANDS_KEPT do
  cut = find(commands, "\29", cut + 1, true)
  if not cut then break end
end
if cut then commands = sub(commands, 1, cut - 1) end
-- A closed case stays for years: its line does not repeat what is in its record.
local kept = sub(ARGV[6], 1, 1) == "\31" and "\31" or ARGV[6]
call("SET", KEYS[11], version .. "\30" .. kept .. "\30" .. ARGV[8] .. "\30" .. ARGV[9] .. "\30" .. ARGV[10]
  .. "\30" .. commands .. "\n" .. ARGV[7])

if claim_ref then call("HSET", KEYS[5], ref, id) end
if claim_receipt then call("HSET", KEYS[6], receipt, id) end
if opened then
  if opened ~= "" then
    call("ZADD", KEYS[4], opened, id)
  elseif was_open then
    call("ZREM", KEYS[4], id)
  end
end
if from == 0 then call("HINCRBY", KEYS[10], ARGV[4] .. ":filed", 1) end

-- The timers of the case are the truth: those that moved are set, those gone are
-- removed.
if arm then
  all("ZADD", KEYS[1], arm)
  all("ZREM", KEYS[1], disarm)
end
if members ~= ARGV[9] then
  local old, new, add, remove = parsed(members), parsed(ARGV[9]), {}, {}
  for m in pairs(new) do
    if not old[m] then
      add[#add + 1] = "0"
      add[#add + 1] = m .. "|" .. id
    end
  end
  for m in pairs(old) do
    if not new[m] then remove[#remove + 1] = m .. "|" .. id end
  end
  all("ZADD", KEYS[7], add)
  all("ZREM", KEYS[7], remove)
end
if sids ~= ARGV[10] then
  local old, new, add, remove = parsed(sids), parsed(ARGV[10]), {}, {}
  for sid, n in pairs(new) do
    if old[sid] ~= n then
      add[#add + 1] = sid
      add[#add + 1] = id .. "/" .. n
    end
  end
  for sid in pairs(old) do
    if not new[sid] then remove[#remove + 1] = sid end
  end
  all("HSET", KEYS[8], add)
  all("HDEL", KEYS[8], remove)
end

-- The claims of a message lie beside its body.
if send > settle + 1 then
  local due, bodies = {}, {}
  for i = settle + 1, send - 1 do
    due[#due + 1] = ARGV[i]
    bodies[#bodies + 1] = ARGV[i]
    bodies[#bodies + 1] = ARGV[i] .. "#"
  end
  all("ZREM", KEYS[2], due)
  all("HDEL", KEYS[3], bodies)
end
if answer > send then
  local due, bodies = {}, {}
  for i = send, answer - 1, 3 do
    due[#due + 1] = ARGV[i + 1]
    due[#due + 1] = ARGV[i]
    bodies[#bodies + 1] = ARGV[i]
    bodies[#bodies + 1] = ARGV[i + 2]
  end
  all("ZADD", KEYS[2], due)
  all("HSET", KEYS[3], bodies)
end
for i = answer, #ARGV, 2 do
  call("HSET", KEYS[16] or KEYS[13], ARGV[i], ARGV[i + 1])
end
if ARGV[11] ~= "" then
  call("RPUSH", KEYS[12], ARGV[11])
  call("XADD", KEYS[9], "MAXLEN", "~", FEED, "*", "c", id, "e", ARGV[11])
end
if has_turn then
  turn_save(turn, KEYS[14], KEYS[15], KEYS[13], KEYS[10], talk, ARGV[4], version)
end
return from + 1
