-- load_turn reads what a step of a conversation begins with.
--
-- KEYS[1] session (string)   KEYS[2] memory of the turn (string)
-- returns {session value or false, memory value or false}
return {redis.call("GET", KEYS[1]), redis.call("GET", KEYS[2])}
