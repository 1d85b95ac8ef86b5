-- ARGV: key, worker, milliseconds of a lease, milliseconds without a question until nobody waits, steps, sketch,
-- seconds that a job may take
-- Returns the time and "on", "cancelled", or "lost": another worker has it, or nobody knows of it.
if field("owner") ~= ARGV[2] or field("outcome") then
    return { now, "lost" }
end
redis.call("SET", lease, ARGV[2], "PX", ARGV[3])
redis.call("ZADD", running, now + ARGV[3], key)
redis.call("HSET", job, "steps", ARGV[5])
if ARGV[6] ~= "" then
    redis.call("HSET", job, "sketch", ARGV[6])
end
redis.call("EXPIRE", job, ARGV[7])
redis.call("EXPIRE", body, ARGV[7])
if field("cancelled") or (not field("lasting") and now - field("asked") > tonumber(ARGV[4])) then
    return { now, "cancelled" }
end
return { now, "on" }
