-- turn is what commit and save_turn have in common; scripts.go puts it in front
-- of both. It saves one step of one conversation.
--
-- session value   version " " started-ms " " length "\n" session-record case-record
-- memory value    attempt " " case-version " " reply
-- ARGV, from at   at+0 version the caller read, "0" = none        "4"
--                 at+1 begin of the conversation in ms            "1763902506123"
--                 at+2 session value, with the next version       "5 1763902506123 412\n..."
--                 at+3 life of the session in ms                  "86400000"
--                 at+4 reply                                      "CMa so 4821 9037"
--                 at+5 life of the memory in ms, "0" = none       "600000"
--                 at+6 when the contact counts as silent, "0" = never
--                 at+7 session id                                 "kq3v..."
--                 at+8 day of the tally                           "20261123"
local TURN_ARGS = 9
local call, KEYS, ARGV = redis.call, KEYS, ARGV
local match, find, gmatch = string.match, string.find, string.gmatch

local function turn_valid(at)
  return tonumber(ARGV[at]) and tonumber(ARGV[at + 1]) and (tonumber(ARGV[at + 3]) or 0) > 0
    and tonumber(ARGV[at + 5]) and tonumber(ARGV[at + 6])
end

-- turn_memory is the reply that the turn was given before: attempt, version and
-- reply, or nil.
local function turn_memory(key)
  local kept = call("GET", key)
  if kept then return match(kept, "^([^ ]*) (%d+) (.*)$") end
end

-- turn_held is the version and the begin of the session as it is stored: "0" and
-- nil if it is not.
local function turn_held(key)
  local version, started = match(call("GETRANGE", key, 0, 63), "^(%d+) (%-?%d+) ")
  return version or "0", started
end

local function turn_save(at, session, memory, silent, tally, started, attempt, version)
  call("SET", session, ARGV[at + 2], "PX", ARGV[at + 3])
  if ARGV[at + 5] ~= "0" then
    call("SET", memory, attempt .. " " .. version .. " " .. ARGV[at + 4], "PX", ARGV[at + 5])
  end
  if ARGV[at + 6] ~= "0" then
    call("ZADD", silent, ARGV[at + 6], ARGV[at + 7])
  elseif started then
    call("ZREM", silent, ARGV[at + 7])
  end
  if started ~= ARGV[at + 1] then
    call("HINCRBY", tally, ARGV[at + 8] .. ":begun", 1)
  end
end
