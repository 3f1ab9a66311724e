-- claim hands out messages that are due, urgent alerts first. A message stays in
-- the outbox and comes back when its lease is over, unless it is settled, retried
-- or buried before.
--
-- KEYS[1] outbox (zset: due ms, of urgent alerts less ARGV[4])
-- KEYS[2] bodies (hash), and beside a body, as id "#", how often it was about to
--         be handed to a provider since its last outcome
-- ARGV[1] now in ms                            "1763902506123"
-- ARGV[2] end of the lease in ms               "1763902536123"
-- ARGV[3] most to hand out                     "16"
-- ARGV[4] how far ahead urgent alerts stand    "10000000000000"
-- ARGV[5] most of them that are not urgent     "16"
-- returns {body, left, body, left, ...}; left > 0 means that somebody may have
--         sent the message before and told no outcome
--         -9 malformed
local now, lease, most, ahead, plain = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if not (now and lease and most and ahead and plain) then return -9 end
local out, left = {}, most
local function hand(low, high, n, back)
  if n < 1 then return end
  for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[1], low, string.format("%.0f", high), "LIMIT", 0, n)) do
    local body = redis.call("HGET", KEYS[2], id)
    if body then
      redis.call("ZADD", KEYS[1], string.format("%.0f", back), id)
      out[#out + 1] = body
      out[#out + 1] = tonumber(redis.call("HGET", KEYS[2], id .. "#") or "0")
      left = left - 1
    else
      redis.call("ZREM", KEYS[1], id)
    end
  end
end
hand("-inf", now - ahead, most, lease - ahead)
hand("0", now, math.min(left, plain), lease)
return out
