"""The Lua scripts that count running jobs in Redis. Each runs as one step that nothing can come between.

KEYS: the account's leases, all leases (two sorted sets: token -> time of expiry), and what is known of this server.
Times are milliseconds of the server's own clock, so gateways need not agree on one. A lease that has expired is
dropped by whoever looks next.

A server that is new to us (restarted, failed over to, emptied) may have forgotten leases whose jobs still run. So it
gives none out until one lease's time has passed; until then running jobs report again by renewing. It is recognised by
its run id, which changes with each start and is kept beside the leases. Invariant: at no time do more leases of an
account live than the number its taker was given.
"""

from __future__ import annotations

from typing import Final

_HEAD: Final = """
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local lease = tonumber(ARGV[1])
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
local known = redis.call('HMGET', KEYS[3], 'run', 'since')
local since = tonumber(known[2])
if known[1] ~= run then
  since = now
  redis.call('HSET', KEYS[3], 'run', run, 'since', since)
end
local unsettled = math.max(0, since + lease - now)
local total = tonumber(ARGV[2])
local token = ARGV[3]

local function keep()
  redis.call('ZADD', KEYS[1], now + lease, token)
  redis.call('PEXPIRE', KEYS[1], 2 * lease)
  if total > 0 then
    redis.call('ZADD', KEYS[2], now + lease, token)
    redis.call('PEXPIRE', KEYS[2], 2 * lease)
  end
end
"""

SETTLE: Final = (
    _HEAD
    + """
return unsettled
"""
)
"""ARGV: lease (ms), total, ''. Milliseconds until leases are given out, 0 when they are."""

TAKE: Final = (
    _HEAD
    + """
if unsettled > 0 then
  return {'unsettled', unsettled}
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZSCORE', KEYS[1], token) then
  return {'taken', 0}
end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[4]) then
  return {'account', 0}
end
if total > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
  if redis.call('ZCARD', KEYS[2]) >= total then
    return {'total', 0}
  end
end
keep()
return {'taken', 0}
"""
)
"""ARGV: lease (ms), total (0: any), token, concurrency. Asking again with the same token changes nothing.

`taken`; or why not: `account`, `total`, `unsettled` with the milliseconds that this will last.
"""

RENEW: Final = (
    _HEAD
    + """
local expiry = tonumber(redis.call('ZSCORE', KEYS[1], token))
if unsettled == 0 and not (expiry and expiry > now) then
  return 0
end
keep()
return 1
"""
)
"""ARGV: lease (ms), total, token. 1: the lease lives on from now; 0: it had expired or was taken away."""

RELEASE: Final = """
redis.call('ZREM', KEYS[2], ARGV[1])
return redis.call('ZREM', KEYS[1], ARGV[1])
"""
"""KEYS: the account's leases, all leases. ARGV: token. 1 when the lease was there."""
