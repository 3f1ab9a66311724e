-- leave notes that a message is about to be handed to a provider, for whoever
-- claimed it last and while nobody has settled it.
--
-- KEYS[1] outbox (zset: due ms, of urgent alerts less some)   KEYS[2] bodies (hash)
-- ARGV[1] message id   "07k3.../3"
-- ARGV[2] where the claim put it in the outbox   "1763902536123"
-- returns 1, or 0 when the claim is over (nothing written)   -9 malformed
if not tonumber(ARGV[2]) then return -9 end
local at = redis.call("ZSCORE", KEYS[1], ARGV[1])
if not at or tonumber(at) ~= tonumber(ARGV[2]) then return 0 end
redis.call("HINCRBY", KEYS[2], ARGV[1] .. "#", 1)
return 1
