#!lua name=livefair_room_v1
-- The events of one room. All keys of a call share the hash tag {r<room>}, so that a call is one slot of a cluster.
-- Every function checks all it was given before it writes anything. Times are Redis' own; integers stay below 2^53.

-- Marks and mutes a room may hold; without a bound a careless moderator could fill the memory.
local STATE_FIELDS_MAX = 10000

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- at_ms is field 1 of RoomEvent, a varint. Fields of a protobuf message may stand in any order, so the time,
-- which the caller can't know yet, is put in front of the bytes it sent.
local function stamp(event, at_ms)
  local bytes = { string.char(8) }
  local rest = at_ms
  while rest >= 128 do
    bytes[#bytes + 1] = string.char(rest % 128 + 128)
    rest = math.floor(rest / 128)
  end
  bytes[#bytes + 1] = string.char(rest)
  return table.concat(bytes) .. event
end

-- The room's epoch and seq. A room without them starts a new epoch, and a history of another epoch is worth nothing.
local function position(meta, history, new_epoch)
  local values = redis.call('HMGET', meta, 'epoch', 'seq')
  if values[1] then
    return values[1], tonumber(values[2])
  end
  redis.call('DEL', history)
  redis.call('HSET', meta, 'epoch', new_epoch, 'seq', 0)
  return new_epoch, 0
end

-- KEYS: meta, history, state, channel. ARGV: RoomEvent bytes, "seq" or "latest", history_max, an epoch to use if the room has
-- none, state operation ("set", "delete" or ""), state field. Returns {epoch, seq, at_ms}.
local function publish(keys, args)
  local event, kind, history_max, new_epoch, operation, field = unpack(args)
  history_max = tonumber(history_max)
  if #keys ~= 4 or #args ~= 6 or not history_max or history_max < 1 or new_epoch == ''
    or (kind ~= 'seq' and kind ~= 'latest')
    or (operation ~= '' and operation ~= 'set' and operation ~= 'delete') or (operation ~= '' and field == '') then
    return redis.error_reply('INVALID arguments of room_publish_v1')
  end
  local meta, history, state, channel = unpack(keys)
  if operation == 'set' and redis.call('HEXISTS', state, field) == 0 and redis.call('HLEN', state) >= STATE_FIELDS_MAX then
    return redis.error_reply('FULL the state of the room')
  end

  local at_ms = now_ms()
  local stamped = stamp(event, at_ms)
  local epoch, last = position(meta, history, new_epoch)
  local seq = 0
  if kind == 'seq' then
    seq = last + 1
    local seq_text = string.format('%.0f', seq)
    redis.call('HSET', meta, 'seq', seq_text)
    redis.call('XADD', history, 'MAXLEN', '~', history_max, seq_text .. '-0', 's', seq_text, 'e', stamped)
  end
  if operation == 'set' then
    redis.call('HSET', state, field, stamped)
  elseif operation == 'delete' then
    redis.call('HDEL', state, field)
  end
  redis.call('SPUBLISH', channel, epoch .. ' ' .. string.format('%.0f', seq) .. ' ' .. stamped)
  return { epoch, seq, at_ms }
end

-- KEYS: meta, history, state. ARGV: an epoch to use if the room has none, how many of the newest events.
-- Returns {epoch, seq, state fields and values, entries, newest first}.
local function open(keys, args)
  local new_epoch, count = args[1], tonumber(args[2])
  if #keys ~= 3 or #args ~= 2 or new_epoch == '' or not count or count < 1 then
    return redis.error_reply('INVALID arguments of room_open_v1')
  end
  local epoch, seq = position(keys[1], keys[2], new_epoch)
  return { epoch, seq, redis.call('HGETALL', keys[3]), redis.call('XREVRANGE', keys[2], '+', '-', 'COUNT', count) }
end

-- KEYS: meta, history. ARGV: seq, count. Returns {epoch, newest seq, {}, entries after seq, oldest first}; an unknown room has the epoch "".
local function after(keys, args)
  local seq, count = tonumber(args[1]), tonumber(args[2])
  if #keys ~= 2 or #args ~= 2 or not seq or not count or count < 1 then
    return redis.error_reply('INVALID arguments of room_after_v1')
  end
  local values = redis.call('HMGET', keys[1], 'epoch', 'seq')
  local first = string.format('%.0f-0', seq + 1)
  return { values[1] or '', tonumber(values[2] or 0), {}, redis.call('XRANGE', keys[2], first, '+', 'COUNT', count) }
end

redis.register_function { function_name = 'room_publish_v1', callback = publish }
redis.register_function { function_name = 'room_open_v1', callback = open }
redis.register_function { function_name = 'room_after_v1', callback = after, flags = { 'no-writes' } }
