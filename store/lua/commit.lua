-- commit applies one change to one case, with the turn of a conversation if one
-- moved with it, or writes nothing. turn.lua stands before it.
--
-- Keys and arguments cost more than what is done with them, and Redis runs one
-- script at a time: Go knows what the case was, and sends only what differs.
--
-- KEYS[1] case (string); then, only if they are needed
--   with a turn: session (string), memory of the turn (string)
--   with events: timeline (list), feed (stream)
--   refs or receipts (hash) for each claim
--   one key for each write
-- ARGV[1] attempt: who is asking, new for each call            "k3j2h1-4"
-- ARGV[2] command id, short, "" = none but the attempt         "m5xw2zlu..."
-- ARGV[3] version the caller read, "0" = must not exist        "3"
-- ARGV[4] the next version                                     "4"
-- ARGV[5] how many commands the case remembers                 "8"
-- ARGV[6] the case's value from behind its commands on         "\30m1\30\n..."
-- ARGV[7] event records, each with its length, "" = none
-- ARGV[8] number of claims                                     "0"
-- ARGV[9] "" = no turn; or the turn, as turn.lua lists it
--   then for each claim: what to return when another case has it, and field   "-3" "K7F4"
--   then the writes, as turn.lua lists them
-- FEED, the longest feed, is set before the script by scripts.go.
-- case value: version \30 commands \30 members \30 provider ids "\n" record
-- command: \29 id \31 attempt \31 version, the last one first
-- returns 1 applied (also by this very attempt, sent twice)
--         {version, reply or false} the turn or command was applied before; nothing written
--         -1 the case has another version   -2 the session has another version
--         -3 the reference is taken         -4 the receipt is taken   -9 malformed
local case, read, version, events = KEYS[1], ARGV[3], ARGV[4], ARGV[7]
local key, at, session, memory = 2, 10, nil, nil
if ARGV[9] ~= "" then key, at, session, memory = 4, 9 + TURN_ARGS, KEYS[2], KEYS[3] end
-- Everything is checked before the first write: a script does not roll back.
local line = key
if events ~= "" then key = key + 2 end
local claim, claimed, claims = at, key, 0
if ARGV[8] ~= "0" then
  claims = tonumber(ARGV[8])
  if not claims then return -9 end
  key, at = key + claims, at + 2 * claims
end
if session and not turn_valid(9) or not writes_valid(key, at) then return -9 end

-- again is the answer when nothing is written: that of the turn, if it was
-- applied before.
local function again(answer) return memory and turn_again(memory) or answer end

local have, commands = "0", ""
local held = call("GETRANGE", case, "0", "511") -- the commands nearly always end there
if held ~= "" then
  local from = find(held, "\30", 1, true)
  local to = find(held, "\30", from + 1, true)
  if not to then
    held = call("GET", case)
    to = find(held, "\30", from + 1, true)
  end
  have, commands = sub(held, 1, from - 1), sub(held, from + 1, to - 1)
  local sought = ARGV[2] == "" and "\29\31" .. ARGV[1] .. "\31" or "\29" .. ARGV[2] .. "\31"
  local found = find(commands, sought, 1, true)
  if found then
    local who, of = match(commands, "^[^\31]*\31([^\31]*)\31(%d+)", found)
    return again(who == ARGV[1] and 1 or {tonumber(of), false})
  end
end
if session and not turn_stands(session, ARGV[9]) then return again(-2) end
if have ~= read then return again(-1) end
local id = claims > 0 and sub(case, find(case, ":case:", 1, true) + 6)
for i = 0, claims - 1 do
  local owner = call("HGET", KEYS[claimed + i], ARGV[claim + 2 * i + 1])
  if owner and owner ~= id then return again(tonumber(ARGV[claim + 2 * i])) end
end
if #commands > 24 then -- more than one
  local cut = 0
  for _ = 1, ARGV[5] + 0 do
    cut = find(commands, "\29", cut + 1, true)
    if not cut then break end
  end
  if cut then commands = sub(commands, 1, cut - 1) end
end

-- From here on only writes.
if session then
  local before = turn_save(9, session, memory, version)
  if before then return before end
end
call("SET", case, version .. "\30\29" .. ARGV[2] .. "\31" .. ARGV[1] .. "\31" .. version .. commands .. ARGV[6])
for i = 0, claims - 1 do
  call("HSET", KEYS[claimed + i], ARGV[claim + 2 * i + 1], id)
end
write(key, at)
if events ~= "" then
  id = id or sub(case, find(case, ":case:", 1, true) + 6)
  call("RPUSH", KEYS[line], events)
  call("XADD", KEYS[line + 1], "MAXLEN", "~", FEED, "*", "c", id, "e", events)
end
return 1
