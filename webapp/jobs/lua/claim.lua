-- ARGV: key, worker, milliseconds of a lease, milliseconds without a question until nobody waits, how often it is tried,
-- seconds that an outcome is kept
-- Returns {"mine", time, call, about, body}, {"held"} while another worker has it, or {"gone"}: nothing is to be done.
if redis.call("EXISTS", job) == 0 or field("outcome") then
    return { "gone" }
end
if redis.call("EXISTS", lease) == 1 then
    return { "held" }
end
if field("cancelled") or (not field("lasting") and now - field("asked") > tonumber(ARGV[4])) then
    finish("cancelled", ARGV[6])
    return { "gone" }
end
-- It may be what ended those that had it before.
if redis.call("HINCRBY", job, "tries", 1) > tonumber(ARGV[5]) then
    finish("died", ARGV[6])
    return { "gone" }
end
redis.call("SET", lease, ARGV[2], "PX", ARGV[3])
redis.call("HDEL", job, "steps")
redis.call("HSET", job, "owner", ARGV[2], "began", now)
redis.call("ZREM", waiting, key)
redis.call("ZADD", running, now + ARGV[3], key)
return { "mine", now, field("call"), field("about"), redis.call("GET", body) or "" }
