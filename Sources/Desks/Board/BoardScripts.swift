import Redis

/// What is done to boards in Redis, each in one step.
///
/// A board is a hash: its lines by id, `#` its version and `#born` when it was made. All lines of all boards have their leases in
/// one sorted set, by the millisecond at which they end: whichever node looks next takes out what is over, and publishes that.
/// Every script has KEYS[1] the leases, ARGV[1] what boards' keys begin with, ARGV[2] the channel. (The boards of lapsed leases are
/// not among KEYS: this is for one Redis, not for a cluster.)
enum BoardScripts {
    private static let common = """
        local time = redis.call('TIME')
        local us = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local now = math.floor(us / 1000)
        local function text(n) return string.format('%.0f', n) end
        local function say(board, op, id, note, value)
            local key = ARGV[1] .. board
            local before = tonumber(redis.call('HGET', key, '#') or '0')
            local version = math.max(before + 1, us)
            if before == 0 then redis.call('HSET', key, '#born', text(us)) end
            local born = redis.call('HGET', key, '#born')
            redis.call('HSET', key, '#', text(version))
            redis.call('PEXPIRE', key, 600000)
            redis.call('PUBLISH', ARGV[2], table.concat({board, born, text(before), text(version), op, id, note, value}, ' '))
        end
        local function drop(board, id, note)
            redis.call('ZREM', KEYS[1], board .. ' ' .. id)
            if redis.call('HDEL', ARGV[1] .. board, id) == 1 then say(board, '-', id, note, '-') end
        end
        for _, lapsed in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)) do
            local board, id = string.match(lapsed, '^(%S+) (%S+)$')
            drop(board, id, 'lapsed')
        end

        """

    /// Takes out what is over.
    static let sweep = RedisScript(common + "return text(now)")

    /// ARGV[3…]: boards. Answers the time, and each board's hash.
    static let look = RedisScript(
        common + """
            local found = {text(now)}
            for i = 3, #ARGV do found[i - 1] = redis.call('HGETALL', ARGV[1] .. ARGV[i]) end
            return found
            """
    )

    /// ARGV[3]: the board; [4]: the version that it must have, or nothing; [5]: how many lines it may have, 0 for any; then steps
    /// of four: `set` id lease entry, `del` id note -, `lease` id lease -. Leases are in ms from now. Answers the outcome, the time
    /// and the board's hash.
    static let apply = RedisScript(
        common + """
            local board, key, most = ARGV[3], ARGV[1] .. ARGV[3], tonumber(ARGV[5])
            local function answer(word) return {word, text(now), redis.call('HGETALL', key)} end
            if ARGV[4] ~= '' and (redis.call('HGET', key, '#') or '0') ~= ARGV[4] then return answer('stale') end
            for i = 6, #ARGV, 4 do
                local op, id, third, value = ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3]
                if op == 'del' then
                    drop(board, id, third)
                else
                    local present = redis.call('HGET', key, id)
                    if op == 'set' and not present and most > 0 and redis.call('HLEN', key) >= most + 2 then
                        return answer('full')
                    end
                    if op == 'set' or present then
                        redis.call('ZADD', KEYS[1], now + tonumber(third), board .. ' ' .. id)
                    end
                    if op == 'set' and present ~= value then
                        redis.call('HSET', key, id, value)
                        say(board, '+', id, '-', value)
                    end
                end
            end
            return answer('done')
            """
    )

    /// ARGV[3…]: board, id, lease in threes. Answers which of these (from 1) are not there.
    static let renew = RedisScript(
        common + """
            local missing = {}
            for i = 3, #ARGV, 3 do
                if redis.call('HEXISTS', ARGV[1] .. ARGV[i], ARGV[i + 1]) == 1 then
                    redis.call('ZADD', KEYS[1], now + tonumber(ARGV[i + 2]), ARGV[i] .. ' ' .. ARGV[i + 1])
                    redis.call('PEXPIRE', ARGV[1] .. ARGV[i], 600000)
                else
                    missing[#missing + 1] = i / 3
                end
            end
            return missing
            """
    )
}
