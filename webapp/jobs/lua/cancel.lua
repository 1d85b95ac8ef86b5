-- ARGV: key, seconds that an outcome is kept
-- Returns 1 once nobody works on it any more, 0 while its worker has yet to stop.
if redis.call("EXISTS", job) == 0 then
    return 1
end
redis.call("HSET", job, "cancelled", 1)
if not field("outcome") and redis.call("EXISTS", lease) == 1 then
    return 0
end
forget(key)
finish("cancelled", ARGV[2])
return 1
