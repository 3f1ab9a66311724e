-- save_turn saves a step of a conversation that moved no case, or nothing.
-- turn.lua stands before it.
--
-- KEYS[1] session (string)   KEYS[2] memory of the turn (string)   then one for each write
-- ARGV[1] attempt: who is asking, new for each call   "k3j2h1-4"
-- ARGV[2..] the turn, then the writes, as turn.lua lists them
-- returns 1 saved (or saved by this very attempt, sent twice)
--         {0, reply} the turn was answered before; nothing written
--         -2 the session has another version          -9 malformed
if not turn_valid(2) or not writes_valid(3, 2 + TURN_ARGS) then return -9 end
if not turn_stands(KEYS[1], ARGV[2]) then return turn_again(KEYS[2]) or -2 end
local before = turn_save(2, KEYS[1], KEYS[2], "0")
if before then return before end
write(3, 2 + TURN_ARGS)
return 1
