#!lua name=livefair_till_v1
-- The till of one show. Every decision is one function: all checks first, then all writes, because a function that fails half-way does not
-- roll back. All keys share the hash tag {s<show>}. Money is fen; all numbers are integers below 2^53 and leave Lua through
-- string.format('%d'), because tostring(1e15) is "1e+15". Redis' TIME is the clock.
--
-- An order is one string, fields separated by '|':
--   state|buyer|offer|quantity|address|price|amount|placed_ms|hold_until_ms|left|lines|version|placed_id|last_id|payments
-- state: reserved, paid, expired, cancelled, refused. lines: "stock:units,..." of ONE offer, as frozen when it was placed, its gifts
-- included, and "$fund:fen" of the subsidy; price: what the buyer pays for one. version: the offer's, after
-- a "v"; an order that was placed before offers had versions has not this field. left: offers left
-- after the decision. placed_id, last_id: stream ids of the first and the newest event; last_id is empty while they are the same. payments: "id=paid@stream,id=refund@stream,...".
-- An id that was refused has for some minutes its refusal in that place (till_place.lua).
-- Stream entries: k kind, l "stock:left,..." after it, o order, b the order string (without stream ids of this event); payments have also
-- p payment, v provider, e event, m amount. An entry of kind placed has, instead of "o b", n "order|buyer|quantity|address|amount|left" of each order that
-- its call accepted, in the order of the decisions, and before the first one of an offer s "offer|price|placed_ms|hold_until_ms|lines|version", which holds
-- for all n up to the next s (till_place.lua and till_terms.lua, which are parts of this library).

local function number_text(n) return string.format('%d', n) end

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function integer(text)
  local n = tonumber(text)
  if n == nil or n ~= math.floor(n) or n < 0 or n > 9007199254740991 then return nil end
  return n
end

-- The till must be open, for this server and this epoch. Returns why not.
local function closed_till(till_key, run_id, epoch)
  local till = redis.call('HMGET', till_key, 'state', 'run_id', 'epoch', 'practice')
  if not till[2] then return 'NO_TILL' end
  if till[1] ~= 'open' or till[2] ~= run_id or till[3] ~= epoch then return 'PAUSED' end
  return nil, till[4] == '1'
end

local ORDER_FIELDS = 15
local STATE, BUYER, OFFER, QUANTITY, ADDRESS, PRICE, AMOUNT, PLACED, HOLD, LEFT, LINES, VERSION, PLACED_ID, LAST_ID, PAYMENTS =
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15

local function split_order(text)
  local order = {}
  for field in string.gmatch(text .. '|', '([^|]*)|') do order[#order + 1] = field end
  if #order == ORDER_FIELDS - 1 and string.sub(order[VERSION], 1, 1) ~= 'v' then table.insert(order, VERSION, 'v0') end
  if #order ~= ORDER_FIELDS then return nil end
  return order
end

local function read_order(key)
  local text = redis.call('GET', key)
  return text and split_order(text)
end

-- The till's field of what a line takes: a stock, or the money of a fund ("$fund").
local function field_of(name)
  return string.sub(name, 1, 1) == '$' and 'pool:' .. string.sub(name, 2) or 'left:' .. name
end

-- "stock:units,..." to an ordered list of {stock, units}, the demand of equal stocks summed.
local function sum_lines(lines, quantity)
  local list, place = {}, {}
  for stock, units in string.gmatch(lines, '([^:,]+):(%d+)') do
    local demand = tonumber(units) * quantity
    if place[stock] then
      list[place[stock]][2] = list[place[stock]][2] + demand
    else
      list[#list + 1] = {stock, demand}
      place[stock] = #list
    end
  end
  return list
end

-- What the till has of each stock of `lines`, in their order; nil where it has none of that name.
local function read_left(till_key, lines)
  local fields = {}
  for i, line in ipairs(lines) do fields[i] = field_of(line[1]) end
  if #fields == 0 then return {} end
  local left = redis.call('HMGET', till_key, unpack(fields))
  for i = 1, #fields do left[i] = integer(left[i] or '') or false end
  return left
end

local function has_enough(lines, left)
  for i, line in ipairs(lines) do
    if not left[i] or left[i] < line[2] then return false end
  end
  return #lines > 0
end

-- Adds `sign` times the demand to what is left and returns "stock:left,..."; stocks in `skip` stay as they are.
local function move_stock(till_key, lines, left, sign, skip)
  local changes, told = {}, {}
  for i, line in ipairs(lines) do
    if left[i] and not (skip and skip[line[1]]) then
      left[i] = left[i] + sign * line[2]
      changes[#changes + 1] = field_of(line[1])
      changes[#changes + 1] = number_text(left[i])
    end
    if left[i] then told[#told + 1] = line[1] .. ':' .. number_text(left[i]) end
  end
  if #changes > 0 then redis.call('HSET', till_key, unpack(changes)) end
  return table.concat(told, ',')
end

local function move_limit(limit_key, buyer, by)
  local held = (integer(redis.call('HGET', limit_key, buyer) or '0') or 0) + by
  if held > 0 then
    redis.call('HSET', limit_key, buyer, number_text(held))
  else
    redis.call('HDEL', limit_key, buyer)
  end
end

-- Writes the order's new state and tells the ledger. Returns the event's stream id.
local function note(order_key, orders_key, order_id, order, kind, told, payment)
  local fields = {'k', kind, 'o', order_id, 'b', table.concat(order, '|'), 'l', told}
  for _, field in ipairs(payment or {}) do fields[#fields + 1] = field end
  local id = redis.call('XADD', orders_key, '*', unpack(fields))
  order[LAST_ID] = id
  return id
end

local function set_of(text)
  local set = {}
  for name in string.gmatch(text, '[^,]+') do set[name] = true end
  return set
end

-- keys: till offer limit order holds orders; args: run_id epoch order offer kind buyer short
-- kind: cancelled (by `buyer`; empty: by the site), expired (only after the deadline), refused (by the ledger; units of the stocks in
-- `short` stay off sale, because the ledger does not have them).
-- answers: {'RELEASED', id}, {'CLOSED', id}, {'PAID', id}, {'NOT_DUE'}, {'NOT_FOUND'}, {'PAUSED'}, {'NO_TILL'}
local function release(keys, args)
  local till_key, _, limit_key, order_key, holds_key, orders_key = unpack(keys)
  local run_id, epoch, order_id, offer_id, kind, buyer, short = unpack(args)
  local why = closed_till(till_key, run_id, epoch)
  if why then return {why} end
  local order = read_order(order_key)
  if not order or order[OFFER] ~= offer_id or (buyer ~= '' and order[BUYER] ~= buyer) then return {'NOT_FOUND'} end
  local releasable = order[STATE] == 'reserved' or (kind == 'refused' and order[STATE] == 'paid')
  if not releasable then
    return {order[STATE] == 'paid' and 'PAID' or 'CLOSED', order[LAST_ID] ~= '' and order[LAST_ID] or order[PLACED_ID]}
  end
  if kind == 'expired' and now_ms() < integer(order[HOLD]) then return {'NOT_DUE'} end

  local quantity = integer(order[QUANTITY])
  local lines = sum_lines(order[LINES], quantity)
  local told = move_stock(till_key, lines, read_left(till_key, lines), 1, set_of(short))
  move_limit(limit_key, order[BUYER], -quantity)
  redis.call('ZREM', holds_key, order_id)
  order[STATE] = kind
  local id = note(order_key, orders_key, order_id, order, kind, told)
  redis.call('SET', order_key, table.concat(order, '|'))
  return {'RELEASED', id}
end

-- What was done with this payment before: 'paid' or 'refund', and the stream id; nil when it is new.
local function find_payment(payments, payment)
  for id, what, stream in string.gmatch(payments, '([^,=]+)=(%a+)@([^,]+)') do
    if id == payment then return what, stream end
  end
end

-- An order whose hold has ended may be held anew for its late payment, when window, limit and stock still allow. Returns whether it may, and
-- its lines and what is left of them.
local function may_take_again(keys, order, quantity)
  local offer = redis.call('HMGET', keys[2], 'open_ms', 'close_ms', 'limit', 'state')
  if order[STATE] ~= 'expired' or offer[4] ~= 'open' then return false end
  local close_ms = integer(offer[2])
  if close_ms > 0 and now_ms() >= close_ms then return false end
  local held = integer(redis.call('HGET', keys[3], order[BUYER]) or '0')
  if held + quantity > integer(offer[3]) then return false end
  local lines = sum_lines(order[LINES], quantity)
  local left = read_left(keys[1], lines)
  return has_enough(lines, left), lines, left
end

-- keys: till offer limit order holds orders; args: run_id epoch order offer provider payment event amount
-- answers: {'PAID', id, repeated}, {'REFUND', id, repeated}, {'NOT_FOUND'}, {'AMOUNT'}, {'PAUSED'}, {'NO_TILL'}
local function pay(keys, args)
  local till_key, _, limit_key, order_key, holds_key, orders_key = unpack(keys)
  local run_id, epoch, order_id, offer_id, provider, payment, event, amount = unpack(args)
  local why = closed_till(till_key, run_id, epoch)
  if why then return {why} end
  local order = read_order(order_key)
  if not order or order[OFFER] ~= offer_id then return {'NOT_FOUND'} end
  local before, stream = find_payment(order[PAYMENTS], payment)
  if before then return {before == 'paid' and 'PAID' or 'REFUND', stream, '1'} end
  if amount ~= order[AMOUNT] then return {'AMOUNT'} end

  local quantity = integer(order[QUANTITY])
  local told = ''
  if order[STATE] ~= 'reserved' then
    local may, lines, left = may_take_again(keys, order, quantity)
    if may then
      told = move_stock(till_key, lines, left, -1)
      move_limit(limit_key, order[BUYER], quantity)
      order[STATE] = 'reserved'
      note(order_key, orders_key, order_id, order, 'taken_again', told)
    end
  end
  local taken = order[STATE] == 'reserved'
  if taken then
    order[STATE] = 'paid'
    redis.call('ZREM', holds_key, order_id)
  end
  local id = note(order_key, orders_key, order_id, order, taken and 'paid' or 'refund_due', told,
                  {'v', provider, 'p', payment, 'e', event, 'm', amount})
  local paid = payment .. (taken and '=paid@' or '=refund@') .. id
  order[PAYMENTS] = order[PAYMENTS] == '' and paid or order[PAYMENTS] .. ',' .. paid
  redis.call('SET', order_key, table.concat(order, '|'))
  return {taken and 'PAID' or 'REFUND', id, '0'}
end

-- From args[first] on, stock left change triples: stocks that the till knows keep what they have.
local function add_stocks(till_key, args, first)
  for i = first, #args, 3 do
    local field = 'left:' .. args[i]
    if redis.call('HSETNX', till_key, field, args[i + 1]) == 1 then redis.call('HSET', till_key, 'change:' .. field, args[i + 2]) end
  end
end

-- keys: till offer; args: run_id epoch count, then field value pairs of the offer (`count` of them), then as add_stocks() takes them.
-- An older version of the offer than the till's changes nothing: two changes may come in the
-- wrong order. answers: {'OK'}, {'PAUSED'}, {'NO_TILL'}
local function offer(keys, args)
  local why = closed_till(keys[1], args[1], args[2])
  if why then return {why} end
  local last = 3 + 2 * tonumber(args[3])
  local fields = {}
  for i = 4, last, 2 do fields[args[i]] = args[i + 1] end
  local known = integer(redis.call('HGET', keys[2], 'version') or '0')
  if integer(fields.version or '0') >= known then redis.call('HSET', keys[2], unpack(args, 4, last)) end
  add_stocks(keys[1], args, last + 1)
  return {'OK'}
end

-- Stocks that no offer has brought. keys: till; args: run_id epoch, then as add_stocks() takes them. answers: {'OK'}, {'PAUSED'}, {'NO_TILL'}
local function stock(keys, args)
  local why = closed_till(keys[1], args[1], args[2])
  if why then return {why} end
  add_stocks(keys[1], args, 3)
  return {'OK'}
end

-- Goods of a paid order that were not shipped and that the ledger has given back to their buyer go on sale again, once for each refund. The
-- ledger has checked that no more goes back than was bought.
-- keys: till offer limit order holds orders; args: run_id epoch order offer refund quantity
-- answers: {'RESTOCKED', id, repeated}, {'NOT_FOUND'}, {'NOT_PAID'}, {'PAUSED'}, {'NO_TILL'}
local function refund(keys, args)
  local till_key, _, limit_key, order_key, _, orders_key = unpack(keys)
  local run_id, epoch, order_id, offer_id, refund_id, quantity_text = unpack(args)
  local why = closed_till(till_key, run_id, epoch)
  if why then return {why} end
  local order = read_order(order_key)
  if not order or order[OFFER] ~= offer_id then return {'NOT_FOUND'} end
  -- Beside the payments; no payment has a colon in its name.
  local name = 'refund:' .. refund_id
  local _, stream = find_payment(order[PAYMENTS], name)
  if stream then return {'RESTOCKED', stream, '1'} end
  local quantity = integer(quantity_text)
  if order[STATE] ~= 'paid' or not quantity or quantity < 1 or quantity > integer(order[QUANTITY]) then return {'NOT_PAID'} end

  local lines = sum_lines(order[LINES], quantity)
  local told = move_stock(till_key, lines, read_left(till_key, lines), 1)
  move_limit(limit_key, order[BUYER], -quantity)
  local id = note(order_key, orders_key, order_id, order, 'refunded', told, {'r', refund_id, 'q', quantity_text})
  local back = name .. '=back@' .. id
  order[PAYMENTS] = order[PAYMENTS] == '' and back or order[PAYMENTS] .. ',' .. back
  redis.call('SET', order_key, table.concat(order, '|'))
  return {'RESTOCKED', id, '0'}
end

-- A change of what the show may use up: field is left:<stock> (units) or pool:<fund> (fen). by: how much more, below 0 less, or 'rest': less by
-- all that is left. The ledger numbers a field's changes from 1; each is decided once, in that order. change:<field> is the number of the newest
-- decided one, with '!' when there was not enough to take away.
-- keys: till orders; args: run_id epoch field number by
-- answers: {'DONE', left}, {'TOO_FEW', left}, {'GAP'} (the one before is not decided), {'NO_FIELD'}, {'PAUSED'}, {'NO_TILL'}
local function adjust(keys, args)
  local run_id, epoch, field, numbered, by_text = unpack(args)
  local why = closed_till(keys[1], run_id, epoch)
  if why then return {why} end
  local is_stock = string.sub(field, 1, 5) == 'left:'
  local known = redis.call('HMGET', keys[1], field, 'change:' .. field)
  if is_stock and not known[1] then return {'NO_FIELD'} end
  local left = integer(known[1] or '0')
  local newest, too_few = string.match(known[2] or '0', '^(%d+)(!?)$')
  local number, before = tonumber(numbered), tonumber(newest)
  if number == before and too_few == '!' then return {'TOO_FEW', number_text(left)} end
  if number <= before then return {'DONE', number_text(left)} end
  if number > before + 1 then return {'GAP'} end
  local by = by_text == 'rest' and -left or tonumber(by_text)
  if left + by < 0 then
    redis.call('HSET', keys[1], 'change:' .. field, number_text(number) .. '!')
    return {'TOO_FEW', number_text(left)}
  end
  left = left + by
  redis.call('HSET', keys[1], field, number_text(left), 'change:' .. field, number_text(number))
  local told = is_stock and string.sub(field, 6) .. ':' .. number_text(left) or ''
  redis.call('XADD', keys[2], '*', 'k', 'adjusted', 'o', field, 'b', number_text(number) .. '|' .. number_text(by), 'l', told)
  return {'DONE', number_text(left)}
end

-- The rebuild of a till: pause, then load in chunks, then open. Each step passes the epoch that pause set, so that a rebuild overtaken by
-- another one can't write.
-- keys: till; args: run_id epoch. Empties the till but for its epoch; higher epochs stay. answers: {'OK'}, {'STALE'}
local function pause(keys, args)
  local epoch = integer(redis.call('HGET', keys[1], 'epoch') or '0')
  if epoch >= integer(args[2]) then return {'STALE', number_text(epoch)} end
  redis.call('DEL', keys[1])
  redis.call('HSET', keys[1], 'state', 'paused', 'run_id', args[1], 'epoch', args[2])
  return {'OK'}
end

local function not_loading(till_key, epoch)
  local till = redis.call('HMGET', till_key, 'state', 'epoch')
  return till[1] ~= 'paused' or till[2] ~= epoch
end

-- keys: till target; args: epoch command arguments... (at most 500 of them). command: DEL, HSET or ZADD on the target.
local LOADS = {DEL = true, HSET = true, ZADD = true}
local function load(keys, args)
  if not_loading(keys[1], args[1]) or not LOADS[args[2]] then return {'STALE'} end
  redis.call(args[2], keys[2], unpack(args, 3))
  return {'OK'}
end

-- keys: till order...; args: epoch, then the string of each order (at most 250)
local function load_orders(keys, args)
  if not_loading(keys[1], args[1]) then return {'STALE'} end
  for i = 2, #keys do redis.call('SET', keys[i], args[i]) end
  return {'OK'}
end

-- keys: till orders; args: epoch practice cursor. Opens; the entry "opened" gets an id above the ledger's cursor even when the stream was
-- lost and Redis' clock went back, so that every later entry does.
local function open(keys, args)
  if not_loading(keys[1], args[1]) then return {'STALE'} end
  local entry = {'k', 'opened', 'o', args[1]}
  local ms, seq = string.match(args[3], '^(%d+)-(%d+)$')
  local told = false
  if ms then
    local id = ms .. '-' .. number_text(tonumber(seq) + 1)
    local added = redis.pcall('XADD', keys[2], id, unpack(entry))
    told = type(added) == 'string'
  end
  if not told then redis.call('XADD', keys[2], '*', unpack(entry)) end
  redis.call('HSET', keys[1], 'state', 'open', 'practice', args[2])
  return {'OK'}
end

-- keys: holds; args: count skipped. Orders whose hold has ended, oldest first, but for the first `skipped`.
local function due(keys, args)
  return redis.call('ZRANGEBYSCORE', keys[1], '-inf', number_text(now_ms()), 'LIMIT', tonumber(args[2] or '0'), tonumber(args[1]))
end

redis.register_function('till_release_v1', release)
redis.register_function('till_pay_v1', pay)
redis.register_function('till_refund_v1', refund)
redis.register_function('till_offer_v1', offer)
redis.register_function('till_stock_v1', stock)
redis.register_function('till_adjust_v1', adjust)
redis.register_function('till_pause_v1', pause)
redis.register_function('till_load_v1', load)
redis.register_function('till_load_orders_v1', load_orders)
redis.register_function('till_open_v1', open)
redis.register_function{function_name = 'till_due_v1', callback = due, flags = {'no-writes'}}
