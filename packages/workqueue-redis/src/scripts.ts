import { createHash } from 'node:crypto';

// Time is the server's, in whole microseconds: no clock of another machine counts, and a double holds it exactly.
// A key that is pending is a member of `pend`: sixteen digits of its sequence number and the key, with the score -priority,
// so that the sorted set itself knows the order, for any priority. `seq` tells the sequence number of a pending key.
// A key in work is in `proc` with "fence owner priority sequence", and in `lease` with the time when its lease ends.
const prelude = `
local pend, seq, proc, lease, dirty, delay, late, att, park, meta = unpack(KEYS)
local call = redis.call
local enqueued = false

local function int(number) return string.format('%.0f', number) end

local function clock()
  local time = call('TIME')
  return time[1] * 1000000 + time[2]
end

-- A server whose memory is full refuses scripts whose first write may need more, and no others. This one never does.
local function begin() call('HDEL', meta, 'room') end

local function enqueue(key, priority, place)
  local known = call('HGET', seq, key)
  if known then
    call('ZADD', pend, 'LT', int(0 - priority), known .. key)
    return
  end
  place = place or string.format('%016.0f', call('HINCRBY', meta, 'seq', 1))
  call('HSET', seq, key, place)
  call('ZADD', pend, int(0 - priority), place .. key)
  enqueued = true
end

local function add(key, priority)
  if call('HEXISTS', proc, key) == 0 then
    enqueue(key, priority)
    return
  end
  local known = call('HGET', dirty, key)
  if not known or tonumber(known) < priority then call('HSET', dirty, key, int(priority)) end
end

-- Tells those who wait, if one has been told since that there is nothing.
local function wake()
  if enqueued and call('HDEL', meta, 'waits') == 1 then call('PUBLISH', meta, '') end
end

local function stop(key)
  call('HDEL', proc, key)
  call('ZREM', lease, key)
  local again = call('HGET', dirty, key)
  if again then call('HDEL', dirty, key) end
  return again and tonumber(again)
end

local function promote(now)
  for _, key in ipairs(call('ZRANGEBYSCORE', delay, '-inf', int(now), 'LIMIT', 0, 1000)) do
    call('ZREM', delay, key)
    local priority = call('HGET', late, key)
    if priority then call('HDEL', late, key) end
    add(key, tonumber(priority or 0))
  end
end

-- Puts keys back whose lease has ended, behind all others: one that ends its process must not be first again.
local function reap(now)
  local expired = call('ZRANGEBYSCORE', lease, '-inf', int(now), 'LIMIT', 0, 1000)
  for _, key in ipairs(expired) do
    local priority = string.match(call('HGET', proc, key) or '', '^%S+ %S+ (%S+)')
    local again = stop(key)
    enqueue(key, math.max(again or -math.huge, tonumber(priority or 0)))
  end
  return #expired
end

-- Whether the key is in work under this fence at this owner; then also its priority and its sequence number.
local function held(key, fence, owner)
  local value = call('HGET', proc, key)
  if not value then return false end
  local f, o, priority, place = string.match(value, '^(%S+) (%S+) (%S+) (%S+)$')
  if f ~= fence or o ~= owner then return false end
  return true, tonumber(priority), place
end
`;

/** keys, each with its priority behind it. */
const addAll = `
for index = 1, #ARGV, 2 do add(ARGV[index], tonumber(ARGV[index + 1])) end
wake()
return 1
`;

/** key, priority, delay in microseconds, failures to note or nothing. */
const add = `
local key, priority, delayed = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
-- What ends work must be written, and takes hardly more room than the key has.
if call('HEXISTS', proc, key) == 1 then begin() end
if ARGV[4] ~= '' then call('HSET', att, key, ARGV[4]) end
if delayed <= 0 then
  add(key, priority)
  wake()
  return 1
end
local due = clock() + delayed
-- A delayed key that is not in \`late\` has the priority 0.
local known = call('ZSCORE', delay, key) and tonumber(call('HGET', late, key) or 0)
local urgency = known and math.max(known, priority) or priority
call('ZADD', delay, 'LT', int(due), key)
if urgency ~= 0 then call('HSET', late, key, int(urgency)) else call('HDEL', late, key) end
if call('ZRANGE', delay, 0, 0)[1] == key and call('HEXISTS', meta, 'waits') == 1 then
  call('PUBLISH', meta, int(delayed))
end
return 1
`;

/** length of the lease in microseconds, how many keys, owner, then keys that it must not get. */
const take = `
local length, wanted, owner = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local now = clock()
promote(now)
local reaped = reap(now)
local unwanted, aside, taken = {}, {}, {}
for index = 4, #ARGV do unwanted[ARGV[index]] = true end
local count = 0
while count < wanted do
  local popped = call('ZPOPMIN', pend, 1)
  if #popped == 0 then break end
  local member, score = popped[1], popped[2]
  local key, place = string.sub(member, 17), string.sub(member, 1, 16)
  if unwanted[key] then
    aside[#aside + 1] = { score, member }
  else
    call('HDEL', seq, key)
    local fence, priority = int(call('HINCRBY', meta, 'fence', 1)), int(0 - tonumber(score))
    call('HSET', proc, key, fence .. ' ' .. owner .. ' ' .. priority .. ' ' .. place)
    call('ZADD', lease, int(now + length), key)
    count = count + 1
    taken[count] = { key, fence, priority, call('HGET', att, key) or '0' }
  end
end
for _, each in ipairs(aside) do call('ZADD', pend, each[1], each[2]) end
local left = call('ZCARD', pend)
if left > 0 then wake() end
if count < wanted then call('HSET', meta, 'waits', 1) end
local next = -1
for _, set in ipairs({ delay, lease }) do
  local first = call('ZRANGE', set, 0, 0, 'WITHSCORES')[2]
  if first then
    local after = math.max(0, tonumber(first) - now)
    if next < 0 or after < next then next = after end
  end
end
return { left, next, reaped, taken }
`;

/** key, fence, owner. Tells whether they fitted. */
const done = `
local key = ARGV[1]
if not held(key, ARGV[2], ARGV[3]) then return 0 end
local again = stop(key)
if again then enqueue(key, again) end
wake()
return 1
`;

/** key, fence, owner: puts the key back to where it was, not done. */
const giveBack = `
local key = ARGV[1]
local fits, priority, place = held(key, ARGV[2], ARGV[3])
if not fits then return 0 end
local again = stop(key)
enqueue(key, math.max(again or -math.huge, priority), place)
wake()
return 1
`;

/** length of the lease in microseconds, owner, then key and fence in turn. Tells the keys that are lost. */
const renew = `
local ends, owner, lost = int(clock() + tonumber(ARGV[1])), ARGV[2], {}
begin()
for index = 3, #ARGV, 2 do
  local key = ARGV[index]
  if held(key, ARGV[index + 1], owner) then call('ZADD', lease, ends, key) else lost[#lost + 1] = key end
end
return lost
`;

/** owner, then the fences that it knows: what else was taken for it, by an answer that was lost, is put back. */
const recover = `
local owner, known, count = ARGV[1], {}, 0
for index = 2, #ARGV do known[ARGV[index]] = true end
local all = call('HGETALL', proc)
for index = 1, #all, 2 do
  local f, o, priority, place = string.match(all[index + 1], '^(%S+) (%S+) (%S+) (%S+)$')
  if o == owner and not known[f] then
    local again = stop(all[index])
    enqueue(all[index], math.max(again or -math.huge, tonumber(priority)), place)
    count = count + 1
  end
end
wake()
return count
`;

/** key: counts one more failure, and tells how many there are. */
const fail = `return call('HINCRBY', att, ARGV[1], 1)`;

/** key: forgets its failures. */
const forget = `return call('HDEL', att, ARGV[1])`;

/** key, failures: gives it up. */
const parkKey = `
call('HDEL', att, ARGV[1])
call('HSET', park, ARGV[1], ARGV[2])
return 1
`;

/** How many keys there are of each kind. */
const count = `
local now = clock()
promote(now)
reap(now)
wake()
return {
  call('ZCARD', pend), call('HLEN', proc), call('HLEN', dirty), call('ZCARD', delay), call('HLEN', att), call('HLEN', park)
}
`;

/** version of the layout: notes it in a new queue, and tells what an old one has. */
const layout = `
local known = call('HGET', meta, 'version')
if known then return known end
call('HSET', meta, 'version', ARGV[1])
return ARGV[1]
`;

/** The scripts that a shared queue consists of at the server. */
export type ScriptName =
  | 'addAll'
  | 'add'
  | 'take'
  | 'done'
  | 'giveBack'
  | 'renew'
  | 'recover'
  | 'fail'
  | 'forget'
  | 'park'
  | 'count'
  | 'layout';

const bodies: Record<ScriptName, string> = {
  addAll,
  add,
  take,
  done,
  giveBack,
  renew,
  recover,
  fail,
  forget,
  park: parkKey,
  count,
  layout,
};

/** A script, and what the server calls it. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

function scriptOf(body: string): Script {
  const text = prelude + body;
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** All scripts by their names. Each runs at the server as a whole, with nothing in between. */
// `Object.entries` knows no names of keys; they are those of `bodies`.
export const scripts: Readonly<Record<ScriptName, Script>> = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [name, scriptOf(body)]),
) as Record<ScriptName, Script>;
