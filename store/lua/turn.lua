-- turn is what commit and save_turn have in common; scripts.go puts it in front
-- of both. It saves one step of one conversation. In both, ARGV[1] is the attempt.
--
-- session value   version " " standing " " length "\n" session-record case-record
-- standing        begin of the conversation in ms " " when the contact counts as
--                 silent, "0" = never
-- memory value    attempt " " case-version " " reply
-- ARGV, from at   at+0 version the caller read, "0" = none        "4"
--                 at+1 standing                                   "1763902506123 1763902806123"
--                 at+2 session value, with the next version       "5 1763902506123 0 412\n..."
--                 at+3 life of the session in ms                  "86400000"
--                 at+4 reply                                      "CMa so 4821 9037"
--                 at+5 life of the memory in ms, "0" = none       "600000"
local TURN_ARGS = 6
local call, KEYS, ARGV = redis.call, KEYS, ARGV
local match, find, sub, gmatch = string.match, string.find, string.sub, string.gmatch

local function turn_valid(at)
  return tonumber(ARGV[at]) and find(ARGV[at + 1], "^%-?%d+ %d+$") and (tonumber(ARGV[at + 3]) or 0) > 0
    and tonumber(ARGV[at + 5])
end

-- turn_memory is the reply that the turn was given before: attempt, version and
-- reply, or nil.
local function turn_memory(key)
  local kept = call("GET", key)
  if kept then return match(kept, "^([^ ]*) (%d+) (.*)$") end
end

-- turn_held is the version and the standing of the session as it is stored: "0"
-- and "" if it is not.
local function turn_held(key)
  local held = call("GETRANGE", key, "0", "63")
  if held == "" then return "0", "" end
  local a = find(held, " ", 1, true)
  local b = find(held, " ", find(held, " ", a + 1, true) + 1, true)
  return sub(held, 1, a - 1), sub(held, a + 1, b - 1)
end

-- turn_save writes the session and its memory. Whether it is silent, and that it
-- has begun, is written only when the standing has changed.
local function turn_save(at, session, memory, silent, tally, standing, day, version)
  call("SET", session, ARGV[at + 2], "PX", ARGV[at + 3])
  if ARGV[at + 5] ~= "0" then
    call("SET", memory, ARGV[1] .. " " .. version .. " " .. ARGV[at + 4], "PX", ARGV[at + 5])
  end
  if standing == ARGV[at + 1] then return end
  local was, hushed = match(standing, "^(.*) (.*)$")
  local started, due = match(ARGV[at + 1], "^(.*) (.*)$")
  local id = sub(session, find(session, ":session:", 1, true) + 9)
  if due ~= "0" then
    call("ZADD", silent, due, id)
  elseif hushed and hushed ~= "0" then
    call("ZREM", silent, id)
  end
  if was ~= started then call("HINCRBY", tally, day .. ":begun", 1) end
end
