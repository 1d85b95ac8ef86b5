-- ARGV: key, body, call, about, jobs that may wait, bytes that may wait, seconds that a job may wait,
-- "1" if it goes on though nobody waits
-- Returns "new" (it must be queued), "known", or "crowded".
if redis.call("EXISTS", job) == 1 then
    local outcome = field("outcome")
    local again = field("cancelled")
        or (outcome == "answer" and redis.call("EXISTS", answer) == 0)
        or (outcome and outcome ~= "answer" and field("told"))
    if not again then
        redis.call("HSET", job, "asked", now)
        -- Whoever made it may have died before it was queued.
        if not outcome and not field("queued") and now - field("created") > 5000 then
            return "new"
        end
        return "known"
    end
end
redis.call("ZREMRANGEBYSCORE", waiting, 0, now - ARGV[7] * 1000)
local bytes = #ARGV[2]
for _, other in ipairs(redis.call("ZRANGE", waiting, 0, -1)) do
    bytes = bytes + redis.call("STRLEN", prefix .. "body:" .. other)
end
if redis.call("ZCARD", waiting) >= tonumber(ARGV[5]) or bytes > tonumber(ARGV[6]) then
    return "crowded"
end
forget(key)
redis.call("DEL", job)
-- Those of one millisecond stay in the order they came in.
local last = tonumber(redis.call("ZREVRANGE", waiting, 0, 0, "WITHSCORES")[2] or 0)
local since = math.max(now, last + 1 / 1024)
redis.call("HSET", job, "call", ARGV[3], "about", ARGV[4], "created", now, "asked", now)
redis.call("HSET", job, "since", string.format("%.17g", since))
if ARGV[8] == "1" then
    redis.call("HSET", job, "lasting", "1")
end
redis.call("EXPIRE", job, ARGV[7])
redis.call("SET", body, ARGV[2], "EX", ARGV[7])
redis.call("ZADD", waiting, field("since"), key)
return "new"
