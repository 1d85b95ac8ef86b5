-- Stands before each of the other scripts: the keys of one job, and the time, which is the server's for everybody.
--   $prefix job:KEY      what is known of a job: a hash
--   $prefix body:KEY     what it was sent, until it has ended
--   $prefix answer:KEY   what it answered
--   $prefix lease:KEY    the worker that has it; gone a few seconds after that worker is
--   $prefix waiting      jobs that wait, by when they were asked for
--   $prefix running      jobs at work, by when their lease ends
--   $prefix kept         jobs with an answer, by when they ended; kept:sizes their bytes, kept:total the sum of these
--   $prefix workers      workers, by until when they count as alive
local prefix, key = KEYS[1], ARGV[1]
local job, body = prefix .. "job:" .. key, prefix .. "body:" .. key
local answer, lease = prefix .. "answer:" .. key, prefix .. "lease:" .. key
local waiting, running = prefix .. "waiting", prefix .. "running"
local kept, sizes, total = prefix .. "kept", prefix .. "kept:sizes", prefix .. "kept:total"
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function field(name)
    return redis.call("HGET", job, name)
end

local function finish(outcome, keep_seconds)
    redis.call("HSET", job, "outcome", outcome, "ended", now)
    redis.call("DEL", body, lease)
    redis.call("ZREM", waiting, key)
    redis.call("ZREM", running, key)
    redis.call("EXPIRE", job, keep_seconds)
end

local function forget(which)
    redis.call("DECRBY", total, redis.call("HGET", sizes, which) or 0)
    redis.call("HDEL", sizes, which)
    redis.call("ZREM", kept, which)
    redis.call("DEL", prefix .. "answer:" .. which)
end
