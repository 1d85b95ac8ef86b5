-- ARGV: key, worker
-- Hands a job back that is not done, as its worker ends; returns 1 if it is to be queued again.
if field("owner") ~= ARGV[2] or field("outcome") then
    return 0
end
redis.call("DEL", lease)
redis.call("HDEL", job, "owner", "steps", "began")
redis.call("HINCRBY", job, "tries", -1)
redis.call("ZREM", running, key)
redis.call("ZADD", waiting, field("since"), key)
return 1
