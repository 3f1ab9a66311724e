-- save_turn saves a step of a conversation that moved no case, or nothing.
-- turn.lua stands before it.
--
-- KEYS[1] silent contacts (zset: due ms)   KEYS[2] tally (hash)
-- KEYS[3] session (string)                 KEYS[4] memory of the turn (string)
-- ARGV[1] attempt: who is asking, new for each call   "k3j2h1-4"
-- ARGV[2] day of the tally                            "20261123"
-- ARGV[3..] the turn, as turn.lua lists it
-- returns 0 saved (or saved by this very attempt, sent twice)
--         {0, reply} the turn was answered before; nothing written
--         -2 the session has another version          -9 malformed
if #ARGV ~= 2 + TURN_ARGS or not turn_valid(3) then return -9 end
local who, version, reply = turn_memory(KEYS[4])
if who then
  if who == ARGV[1] then return 0 end
  return {tonumber(version), reply}
end
local have, standing = turn_held(KEYS[3])
if have ~= ARGV[3] then return -2 end
turn_save(3, KEYS[3], KEYS[4], KEYS[1], KEYS[2], standing, ARGV[2], "0")
return 0
