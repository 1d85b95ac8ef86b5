-- ARGV: key, "1" if somebody asks how far it is
-- Returns the time, the job's fields and values, its place among those that wait (-1: it does not), how many run, and
-- how many workers there are.
local fields = redis.call("HGETALL", job)
if #fields > 0 and ARGV[2] == "1" then
    redis.call("HSET", job, "asked", now)
end
return {
    now, fields, redis.call("ZRANK", waiting, key) or -1, redis.call("ZCOUNT", running, now, "+inf"),
    redis.call("ZCOUNT", prefix .. "workers", now, "+inf"), redis.call("ZCARD", waiting),
}
