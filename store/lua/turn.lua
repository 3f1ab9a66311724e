-- turn is what commit and save_turn have in common; scripts.go puts it in front
-- of both. It saves one step of one conversation.
--
-- session value   version " " started-ms " " length "\n" session-JSON case-JSON
-- memory value    attempt " " case-version " " reply
-- ARGV, from at   at+0 version the caller read, "0" = none        "4"
--                 at+1 begin of the conversation in ms            "1763902506123"
--                 at+2 session JSON                               "{...}"
--                 at+3 case JSON, "" = no case yet                "{...}"
--                 at+4 life of the session in ms                  "86400000"
--                 at+5 reply                                      "CMa so 4821 9037"
--                 at+6 life of the memory in ms, "0" = none       "600000"
--                 at+7 when the contact counts as silent, "0" = never
--                 at+8 session id                                 "kq3v..."
--                 at+9 day of the tally                           "20261123"
local TURN_ARGS = 10

-- turn_memory is the reply that the turn was given before: attempt, version and
-- reply, or nil.
local function turn_memory(key)
  local kept = redis.call("GET", key)
  if not kept then return nil end
  return string.match(kept, "^([^ ]*) (%d+) (.*)$")
end

local function turn_valid(at)
  return tonumber(ARGV[at]) and tonumber(ARGV[at + 1]) and tonumber(ARGV[at + 6])
    and tonumber(ARGV[at + 7]) and (tonumber(ARGV[at + 4]) or 0) > 0
end

-- turn_held is the version and the begin of the session as it is stored.
local function turn_held(key)
  local held = redis.call("GET", key)
  if not held then return 0, "" end
  local version, started = string.match(held, "^(%d+) (%-?%d+) ")
  return tonumber(version), started
end

local function turn_save(at, session, memory, silent, tally, started, attempt, version)
  redis.call("SET", session, string.format("%d %s %d\n", tonumber(ARGV[at]) + 1, ARGV[at + 1], #ARGV[at + 2])
    .. ARGV[at + 2] .. ARGV[at + 3], "PX", ARGV[at + 4])
  if ARGV[at + 6] ~= "0" then
    redis.call("SET", memory, attempt .. " " .. version .. " " .. ARGV[at + 5], "PX", ARGV[at + 6])
  end
  if ARGV[at + 7] == "0" then
    redis.call("ZREM", silent, ARGV[at + 8])
  else
    redis.call("ZADD", silent, ARGV[at + 7], ARGV[at + 8])
  end
  if started ~= ARGV[at + 1] then
    redis.call("HINCRBY", tally, ARGV[at + 9] .. ":begun", 1)
  end
end
