-- ARGV: key, worker, outcome, answer, bytes of all answers that are kept, seconds that they are, bytes of the record,
-- seconds that this one is kept
-- Returns the outcome that was noted; "lost" where another worker has the job.
if field("owner") ~= ARGV[2] or field("outcome") then
    return "lost"
end
if field("cancelled") then
    finish("cancelled", ARGV[6])
    return "cancelled"
end
if ARGV[3] ~= "answer" then
    finish(ARGV[3], ARGV[6])
    return ARGV[3]
end
local size, most = #ARGV[4] + ARGV[7], tonumber(ARGV[5])
if size > most then
    finish("size", ARGV[6])
    return "size"
end
for _, old in ipairs(redis.call("ZRANGEBYSCORE", kept, 0, now - ARGV[6] * 1000)) do
    forget(old)
end
forget(key)
while tonumber(redis.call("GET", total) or 0) + size > most do
    local oldest = redis.call("ZRANGE", kept, 0, 0)[1]
    if not oldest then
        redis.call("DEL", total, sizes)
        break
    end
    forget(oldest)
end
redis.call("SET", answer, ARGV[4], "EX", ARGV[8])
redis.call("ZADD", kept, now, key)
redis.call("HSET", sizes, key, size)
redis.call("INCRBY", total, size)
finish("answer", ARGV[6])
return "answer"
