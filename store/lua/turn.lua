-- turn is what commit and save_turn have in common; scripts.go puts it in front
-- of both. It saves one step of one conversation, and writes what Go found to
-- differ. In both, ARGV[1] is the attempt.
--
-- session value   version " " length "\n" session-record case-record
-- memory value    attempt " " case-version " " reply
-- ARGV, from at   at+0 version the caller read, "0" = none        "4"
--                 at+1 session value, with the next version       "5 412\n..."
--                 at+2 life of the session in ms                  "86400000"
--                 at+3 reply                                      "CMa so 4821 9037"
--                 at+4 life of the memory in ms, "0" = none       "600000"
-- a write         number of what follows, command, arguments      "3" "ZADD" "17639..." "07k3..."
--                 and its key, the next of KEYS
local TURN_ARGS = 5
local call, KEYS, ARGV = redis.call, KEYS, ARGV
local match, find, sub = string.match, string.find, string.sub

-- What is no number ends the script where it is added to: that is cheaper than to
-- ask, and as safe before the first write.
local function turn_valid(at) return ARGV[at + 2] + 0 > 0 and ARGV[at + 4] + 0 >= 0 end

-- turn_again is the answer to a turn that was applied before: 1 to the attempt
-- that did it, case version and reply to any other; nil if it was not applied.
local function turn_again(memory)
  local who, version, reply = match(call("GET", memory) or "", "^([^ ]*) (%d+) (.*)$")
  if who then return who == ARGV[1] and 1 or {tonumber(version), reply} end
end

-- turn_stands reports whether the session has the version that the caller read.
local function turn_stands(session, read)
  local held = call("GETRANGE", session, "0", "20")
  if held == "" then return read == "0" end
  return sub(held, 1, #read + 1) == read .. " "
end

-- turn_save writes the session and its memory, or nothing and returns what the
-- turn was answered before.
local function turn_save(at, session, memory, version)
  local life = ARGV[at + 4]
  if life ~= "0" and not call("SET", memory, ARGV[1] .. " " .. version .. " " .. ARGV[at + 3], "PX", life, "NX") then
    return turn_again(memory)
  end
  call("SET", session, ARGV[at + 1], "PX", ARGV[at + 2])
end

-- writes_valid reports whether the rest of KEYS and ARGV are whole writes.
local function writes_valid(key, at)
  local last = #ARGV
  while at <= last do
    local n = ARGV[at] + 0
    if n < 2 then return false end
    for score = at + 2, ARGV[at + 1] == "ZADD" and at + n or 0, 2 do
      local _ = ARGV[score] + 0
    end
    key, at = key + 1, at + 1 + n
  end
  return at == last + 1 and KEYS[key - 1] and not KEYS[key]
end

-- write carries out the writes from there on.
local function write(key, at)
  while KEYS[key] do
    local last = at + ARGV[at]
    call(ARGV[at + 1], KEYS[key], unpack(ARGV, at + 2, last))
    key, at = key + 1, last + 1
  end
end
