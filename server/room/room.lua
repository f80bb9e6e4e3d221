#!lua name=livefair_room_v1
-- The events of one room. All keys of a call share the hash tag {r<room>}, so that a call is one slot of a cluster.
-- Every function checks all it was given before it writes anything. Times are Redis' own; integers stay below 2^53.

-- Marks and mutes a room may hold; without a bound a careless moderator could fill the memory.
local STATE_FIELDS_MAX = 10000
-- Lines that wait for review, and how long they do.
local HELD_MAX = 200
local HELD_MS = 3600000

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

-- The name of a server that was a replica once, "" for one that never was. Asked once in the life of a process: whoever takes over from a
-- server that has asked has another name.
local server_name
local function server()
  if not server_name then
    local before = string.match(redis.call('INFO', 'replication'), 'master_replid2:(%x+)')
    local never = not before or string.match(before, '^0+$')
    server_name = never and '' or string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  end
  return server_name
end

-- The room's epoch and seq. A room without them starts a new epoch, and a history of another epoch is worth nothing. After a failover the last
-- events may be missing here that viewers have seen: what comes now may bear the same seq, but not under the same epoch.
local function position(meta, history, new_epoch)
  local values = redis.call('HMGET', meta, 'epoch', 'seq', 'server')
  if values[1] and (values[3] or '') == server() then
    return values[1], tonumber(values[2])
  end
  if not values[1] then
    redis.call('DEL', history)
  end
  redis.call('HSET', meta, 'epoch', new_epoch, 'seq', values[2] or 0, 'server', server())
  return new_epoch, tonumber(values[2] or 0)
end

-- Gives an event the room's next seq, keeps it and tells it. Returns {epoch, seq, at_ms, the bytes with their time}.
local function append(keys, event, history_max, new_epoch)
  local meta, history, _, channel = unpack(keys)
  local at_ms = now_ms()
  local stamped = stamp(event, at_ms)
  local epoch, last = position(meta, history, new_epoch)
  local seq = string.format('%.0f', last + 1)
  redis.call('HSET', meta, 'seq', seq)
  redis.call('XADD', history, 'MAXLEN', '~', history_max, seq .. '-0', 's', seq, 'e', stamped)
  redis.call('SPUBLISH', channel, epoch .. ' ' .. seq .. ' ' .. stamped)
  return { epoch, last + 1, at_ms, stamped }
end

-- Tells an event that has no place in the history. Returns as append().
local function tell(keys, event, new_epoch)
  local at_ms = now_ms()
  local stamped = stamp(event, at_ms)
  local epoch = position(keys[1], keys[2], new_epoch)
  redis.call('SPUBLISH', keys[4], epoch .. ' 0 ' .. stamped)
  return { epoch, 0, at_ms, stamped }
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
  local state = keys[3]
  if operation == 'set' and redis.call('HEXISTS', state, field) == 0 and redis.call('HLEN', state) >= STATE_FIELDS_MAX then
    return redis.error_reply('FULL the state of the room')
  end

  local told
  if kind == 'seq' then
    told = append(keys, event, history_max, new_epoch)
  else
    told = tell(keys, event, new_epoch)
  end
  if operation == 'set' then
    redis.call('HSET', state, field, told[4])
  elseif operation == 'delete' then
    redis.call('HDEL', state, field)
  end
  return { told[1], told[2], told[3] }
end

-- KEYS: meta, history, state, channel. ARGV: ChatRulesChanged as RoomEvent bytes, history_max, an epoch to use if the room has none, slow_ms,
-- mute_all ("0" or "1"), review_all. Returns {epoch, seq, at_ms}.
local function set_rules(keys, args)
  local event, history_max, new_epoch, slow_ms, mute_all, review_all = unpack(args)
  history_max, slow_ms = tonumber(history_max), tonumber(slow_ms)
  if #keys ~= 4 or #args ~= 6 or not history_max or history_max < 1 or new_epoch == '' or not slow_ms or slow_ms < 0 then
    return redis.error_reply('INVALID arguments of room_rules_v1')
  end
  local told = append(keys, event, history_max, new_epoch)
  redis.call('HSET', keys[3], 'rules', told[4])
  redis.call('HSET', keys[1], 'slow_ms', string.format('%.0f', slow_ms), 'mute_all', mute_all, 'review_all', review_all)
  return { told[1], told[2], told[3] }
end

-- How long a second's worth of lines may come ahead of the room's pace.
local PACE_MS = 1000

-- Whether one more viewer's line fits the room's pace of lines_per_s, which it then uses up. `due_ms`: when the lines before it would all have
-- been shown at that pace.
local function fits_pace(meta, due_ms, lines_per_s)
  local now = now_ms()
  due_ms = math.max(tonumber(due_ms or 0), now)
  if due_ms - now > PACE_MS - 1000 / lines_per_s then
    return false
  end
  redis.call('HSET', meta, 'chat_due_ms', string.format('%.3f', due_ms + 1000 / lines_per_s))
  return true
end

-- Whether a viewer may speak now by the room's rules: nothing, or the answer that says why not.
local function refusal(slow, slow_ms, mute_all)
  if mute_all == '1' then
    return { 'muted', 0 }
  end
  slow_ms = tonumber(slow_ms or 0)
  if slow_ms == 0 then
    return nil
  end
  local now = now_ms()
  local spoke_ms = tonumber(redis.call('GET', slow) or 0)
  if now - spoke_ms < slow_ms then
    return { 'slow', slow_ms - (now - spoke_ms) }
  end
  redis.call('SET', slow, string.format('%.0f', now), 'PX', slow_ms)
end

-- KEYS: meta, history, state, channel, held, slow (of this room and account). ARGV: the line as RoomEvent bytes, ChatHeld as RoomEvent
-- bytes, chat id, "viewer" or "staff", "show" or "hold", history_max, an epoch to use if the room has none, how many viewers' lines a second the
-- room shows. Returns {"shown" or "held" or "muted" or "sampled" (not shown: too many at once), 0} or {"slow", ms to wait}.
local function say(keys, args)
  local line, waiting, id, speaker, wish, history_max, new_epoch, lines_per_s = unpack(args)
  history_max, lines_per_s = tonumber(history_max), tonumber(lines_per_s)
  if #keys ~= 6 or #args ~= 8 or not history_max or history_max < 1 or new_epoch == '' or id == '' or not lines_per_s or lines_per_s < 1
    or (speaker ~= 'viewer' and speaker ~= 'staff') or (wish ~= 'show' and wish ~= 'hold') then
    return redis.error_reply('INVALID arguments of room_say_v1')
  end
  local held = keys[5]
  if speaker == 'viewer' then
    local slow_ms, mute_all, review_all, due_ms = unpack(redis.call('HMGET', keys[1], 'slow_ms', 'mute_all', 'review_all', 'chat_due_ms'))
    local refused = refusal(keys[6], slow_ms, mute_all)
    if refused then
      return refused
    end
    if wish == 'hold' or review_all == '1' then
      local told = tell(keys, waiting, new_epoch)
      redis.call('XADD', held, 'MAXLEN', HELD_MAX, '*', 'i', id, 'c', line, 'h', told[4])
      redis.call('XTRIM', held, 'MINID', string.format('%.0f', told[3] - HELD_MS))
      redis.call('PEXPIRE', held, HELD_MS)
      return { 'held', 0 }
    end
    if not fits_pace(keys[1], due_ms, lines_per_s) then
      return { 'sampled', 0 }
    end
  end
  append(keys, line, history_max, new_epoch)
  return { 'shown', 0 }
end

-- KEYS: meta, history, state, channel, held. ARGV: ChatReviewed as RoomEvent bytes, chat id, "approve" or "reject", history_max, an epoch to
-- use if the room has none. Returns the line as RoomEvent bytes, or nothing when it waits no longer: whoever comes second changes nothing.
local function review(keys, args)
  local event, id, verdict, history_max, new_epoch = unpack(args)
  history_max = tonumber(history_max)
  if #keys ~= 5 or #args ~= 5 or not history_max or history_max < 1 or new_epoch == '' or (verdict ~= 'approve' and verdict ~= 'reject') then
    return redis.error_reply('INVALID arguments of room_review_v1')
  end
  for _, entry in ipairs(redis.call('XRANGE', keys[5], string.format('%.0f', now_ms() - HELD_MS), '+')) do
    local fields = entry[2]
    if fields[2] == id then
      redis.call('XDEL', keys[5], entry[1])
      if verdict == 'approve' then
        append(keys, fields[4], history_max, new_epoch)
      end
      tell(keys, event, new_epoch)
      return fields[4]
    end
  end
  return false
end

-- KEYS: held. Returns the lines that wait, each ChatHeld as RoomEvent bytes, newest first.
local function held(keys)
  local waiting = {}
  for _, entry in ipairs(redis.call('XREVRANGE', keys[1], '+', string.format('%.0f', now_ms() - HELD_MS))) do
    waiting[#waiting + 1] = entry[2][6]
  end
  return waiting
end

-- Questions that are open, people who stand behind one, and how long these are kept.
local QUESTIONS_MAX = 200
local VOTERS_MAX = 100000
local QUESTIONS_KEPT_MS = 7 * 24 * 3600000
-- For so long a question that was closed is not asked anew.
local CLOSED_MS = 600000
local CLOSED_MAX = 1000

-- KEYS: meta, questions (id by votes), texts (Question by id), closed ("<state> <time>" by id), voters (of this question). ARGV: id, Question bytes
-- ("": only a vote), account. Votes are whole numbers; what is less than one in the score puts the older question first.
-- Returns "asked", "voted", "again" (had voted before), "gone" (a vote for what is not open) or "closed" with its state.
local function ask(keys, args)
  local meta, questions, texts, closed, voters = unpack(keys)
  local id, question, account = unpack(args)
  if #keys ~= 5 or #args ~= 3 or id == '' or account == '' then
    return redis.error_reply('INVALID arguments of room_ask_v1')
  end
  local now = now_ms()
  local is_open = redis.call('ZSCORE', questions, id)
  if not is_open then
    local state, at = string.match(redis.call('HGET', closed, id) or '', '(%d+) (%d+)')
    if state and now - tonumber(at) < CLOSED_MS then
      return { 'closed', tonumber(state) }
    end
    if question == '' then
      return { 'gone', 0 }
    end
    if redis.call('ZCARD', questions) >= QUESTIONS_MAX then
      return redis.error_reply('FULL questions of the room')
    end
  elseif redis.call('SISMEMBER', voters, account) == 1 then
    return { 'again', 0 }
  elseif redis.call('SCARD', voters) >= VOTERS_MAX then
    return redis.error_reply('FULL voters of the question')
  end

  if not is_open then
    redis.call('HDEL', closed, id)
    redis.call('ZADD', questions, string.format('%.17g', 0.9 - now / 1e14), id)
    redis.call('HSET', texts, id, question)
  end
  redis.call('SADD', voters, account)
  redis.call('ZINCRBY', questions, 1, id)
  redis.call('HINCRBY', meta, 'questions_version', 1)
  for _, key in ipairs({ questions, texts, voters }) do
    redis.call('PEXPIRE', key, QUESTIONS_KEPT_MS)
  end
  return { is_open and 'voted' or 'asked', 0 }
end

-- KEYS: as room_ask_v1. ARGV: id, state (of QuestionState). Returns 1, or 0 when it is not open: whoever comes second changes nothing.
local function close_question(keys, args)
  local meta, questions, texts, closed, voters = unpack(keys)
  local id, state = unpack(args)
  if #keys ~= 5 or #args ~= 2 or not tonumber(state) then
    return redis.error_reply('INVALID arguments of room_close_question_v1')
  end
  if redis.call('ZREM', questions, id) == 0 then
    return 0
  end
  redis.call('HDEL', texts, id)
  redis.call('UNLINK', voters)
  if redis.call('HLEN', closed) >= CLOSED_MAX then
    redis.call('DEL', closed)
  end
  redis.call('HSET', closed, id, string.format('%s %.0f', state, now_ms()))
  redis.call('PEXPIRE', closed, CLOSED_MS)
  redis.call('HINCRBY', meta, 'questions_version', 1)
  return 1
end

-- KEYS: questions, texts. ARGV: how many. Returns {how many are open, now, Question bytes and votes of each, most votes first}.
local function open_questions(keys, args)
  local count = tonumber(args[1])
  if #keys ~= 2 or #args ~= 1 or not count or count < 1 then
    return redis.error_reply('INVALID arguments of room_questions_v1')
  end
  local most = redis.call('ZREVRANGE', keys[1], 0, count - 1, 'WITHSCORES')
  local found = {}
  for i = 1, #most, 2 do
    local text = redis.call('HGET', keys[2], most[i])
    if text then
      found[#found + 1] = text
      found[#found + 1] = math.floor(tonumber(most[i + 1]))
    end
  end
  return { redis.call('ZCARD', keys[1]), now_ms(), found }
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

-- Time in which pages play is added up from look to look; a longer pause between two looks counts as this.
local LOOK_MS_MAX = 5000

-- Adds what is new to the sums of a show; viewers and time only while it is on air. Returns views, people, most viewers, watched ms.
local function add_audience(meta, people, is_live, viewers, playing, new_views, new_people, now)
  if #new_people > 0 then
    redis.call('PFADD', people, unpack(new_people))
  end
  local views, most, watched, looked = unpack(redis.call('HMGET', meta, 'views', 'viewers_most', 'watched_ms', 'looked_ms'))
  views, most, watched, looked = tonumber(views or 0), tonumber(most or 0), tonumber(watched or 0), tonumber(looked or now)
  if not is_live and new_views == 0 then
    return views, redis.call('PFCOUNT', people), most, watched
  end
  views = views + new_views
  if is_live then
    most = math.max(most, viewers)
    watched = watched + playing * math.max(0, math.min(now - looked, LOOK_MS_MAX))
  end
  redis.call('HSET', meta, 'views', string.format('%.0f', views), 'viewers_most', string.format('%.0f', most),
    'watched_ms', string.format('%.0f', watched), 'looked_ms', string.format('%.0f', now))
  return views, redis.call('PFCOUNT', people), most, watched
end

-- KEYS: meta, state, viewers, players, people. ARGV: a gateway ("": only look), its viewers, new likes, new chat lines, and after how many ms without a
-- word a gateway, and a page that plays, no longer count; "1" while the show is on air, new views, then who came (at most 4,000).
-- Returns {viewers of all gateways, likes, chat lines that no sample has yet, pages that play, now, 1 when the caller is to tell the room of these, 1 when
-- it is to tell it of the open questions, views, people, most viewers, watched ms}: of several gateways one is asked to tell what has changed.
local function count(keys, args)
  local gateway = args[1]
  local viewers, likes, lines, gateway_ms, player_ms = tonumber(args[2]), tonumber(args[3]), tonumber(args[4]), tonumber(args[5]), tonumber(args[6])
  local is_live, views = args[7] == '1', tonumber(args[8])
  if #keys ~= 5 or #args < 8 or #args > 4008 or not views or views < 0 or not viewers or not likes or likes < 0 or not lines or lines < 0 or not gateway_ms or not player_ms then
    return redis.error_reply('INVALID arguments of room_count_v2')
  end
  local meta, state, by_gateway, players, people = unpack(keys)
  local now = now_ms()
  if gateway ~= '' and viewers > 0 then
    redis.call('HSET', by_gateway, gateway, string.format('%.0f %.0f', viewers, now))
    redis.call('PEXPIRE', by_gateway, gateway_ms)
  elseif gateway ~= '' then
    redis.call('HDEL', by_gateway, gateway)
  end
  local sum = 0
  local entries = redis.call('HGETALL', by_gateway)
  for i = 1, #entries, 2 do
    local there, at = string.match(entries[i + 1], '(%d+) (%d+)')
    if now - tonumber(at) < gateway_ms then
      sum = sum + tonumber(there)
    else
      redis.call('HDEL', by_gateway, entries[i])
    end
  end
  if likes > 0 then
    redis.call('HINCRBY', state, 'likes', string.format('%.0f', likes))
  end
  if lines > 0 then
    redis.call('HINCRBY', meta, 'chat_lines', string.format('%.0f', lines))
  end
  local all_likes = tonumber(redis.call('HGET', state, 'likes') or 0)
  local all_lines = tonumber(redis.call('HGET', meta, 'chat_lines') or 0)
  local playing = redis.call('ZCOUNT', players, string.format('(%.0f', now - player_ms), '+inf')
  local all_views, all_people, most, watched = add_audience(meta, people, is_live, sum, playing, views, { unpack(args, 9) }, now)
  local told, news = string.format('%.0f %.0f %.0f %.0f %.0f %.0f', sum, all_likes, playing, all_views, all_people, most), 0
  if gateway ~= '' and redis.call('HGET', meta, 'told') ~= told then
    redis.call('HSET', meta, 'told', told)
    news = 1
  end
  local questions_news = 0
  local version, version_told = unpack(redis.call('HMGET', meta, 'questions_version', 'questions_told'))
  if gateway ~= '' and version ~= version_told then
    redis.call('HSET', meta, 'questions_told', version)
    questions_news = 1
  end
  return { sum, all_likes, all_lines, playing, now, news, questions_news, all_views, all_people, most, watched }
end

redis.register_function { function_name = 'room_publish_v1', callback = publish }
redis.register_function { function_name = 'room_rules_v1', callback = set_rules }
redis.register_function { function_name = 'room_say_v1', callback = say }
redis.register_function { function_name = 'room_review_v1', callback = review }
redis.register_function { function_name = 'room_held_v1', callback = held, flags = { 'no-writes' } }
redis.register_function { function_name = 'room_count_v2', callback = count }
redis.register_function { function_name = 'room_ask_v1', callback = ask }
redis.register_function { function_name = 'room_close_question_v1', callback = close_question }
redis.register_function { function_name = 'room_questions_v1', callback = open_questions, flags = { 'no-writes' } }
redis.register_function { function_name = 'room_open_v1', callback = open }
redis.register_function { function_name = 'room_after_v1', callback = after, flags = { 'no-writes' } }
