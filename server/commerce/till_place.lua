-- Purchases: up to 128 of one show in one call. They are decided one after the other, as if each came in a call of its own, against what
-- the till had when the call began and what the decisions before have taken; then all that was accepted is written at once.
--
-- In here an offer is {id, refusal, terms, price, limit, hold_until, lines, one, limit_key, key, last, held, buyers, amounts}: refusal is why nobody can buy
-- it now; `one` what ONE offer needs ({stock, units} each); held: buyer -> offers held; buyers: those whose count changed, in order.
-- A purchase is {order, key, buyer, offer, quantity, address}, and once accepted {amount, left} too, all as texts.

local PURCHASE_ARGS = 5
local PURCHASES_MAX = 128
-- How long an id that was refused stays refused. Who asks longer about one id has long been told.
local REFUSAL_KEPT_MS = '600000'

-- Texts of the quantities that can be bought; anything else is none. (Lua's libraries are not there yet while a library is loaded.)
local QUANTITIES = {}
for quantity = 1, 99 do QUANTITIES[quantity .. ''] = quantity end

-- Why nobody can buy the offer now; nil when it is on sale.
local function offer_refusal(open_ms, close_ms, state, practice, now)
  if not state then return 'NO_OFFER' end
  if practice then return 'PRACTICE' end
  if state == 'draft' or now < integer(open_ms) then return 'NOT_OPEN' end
  local close = integer(close_ms)
  if state ~= 'open' or (close > 0 and now >= close) then return 'CLOSED' end
end

-- What an offer needs for each one sold, with its gifts and without: {lines, text}; nil where there is no such way.
local function read_ways(offer, terms)
  local function way(text)
    if terms.subsidy then text = text .. ',' .. terms.subsidy end
    return {text = text, one = sum_lines(text, 1)}
  end
  if terms.gifts then offer.with = way(offer.lines .. ',' .. terms.gifts) end
  if not terms.gifts or terms.gift_rule == 'sell_without' then offer.without = way(offer.lines) end
  offer.all = (offer.with or offer.without).one
  offer.subsidy = tonumber(string.match(terms.subsidy or '', ':(%d+)$') or '0')
end

local function read_offers(keys, args, count, practice, now)
  local offers = {}
  for i = 1, count do
    local key = keys[2 + 2 * i]
    local fields = redis.call('HMGET', key, 'open_ms', 'close_ms', 'price', 'limit', 'hold_ms', 'state', 'lines', 'last', 'terms', 'version')
    local offer = {id = args[3 + i], key = key, limit_key = keys[3 + 2 * i], refusal = offer_refusal(fields[1], fields[2], fields[6], practice, now)}
    if not offer.refusal then
      offer.price, offer.price_text, offer.limit = integer(fields[3]), fields[3], integer(fields[4])
      offer.hold_until = number_text(now + integer(fields[5]))
      offer.lines, offer.last = fields[7], fields[8] or ''
      offer.version = 'v' .. (fields[10] or '0')
      offer.one = sum_lines(offer.lines, 1)
      offer.all = offer.one
      if fields[9] and fields[9] ~= '' then
        offer.terms = read_terms(fields[9])
        offer.now = now
        if not is_order_day(offer.terms, now) then offer.refusal = 'WRONG_DAY' end
        read_ways(offer, offer.terms)
      end
      offer.held, offer.buyers, offer.amounts = {}, {}, {}
    end
    offers[i] = offer
  end
  return offers
end

local function read_purchases(keys, args, offers)
  local purchases, n, first_key = {}, 0, 3 + 2 * #offers
  for i = 4 + #offers, #args, PURCHASE_ARGS do
    n = n + 1
    -- With room for what a decision adds, and not for more: a table grows to the next power of two.
    purchases[n] = {order = args[i], key = keys[first_key + n], buyer = args[i + 1], offer = offers[tonumber(args[i + 2])],
                    quantity = args[i + 3], address = args[i + 4], amount = false, left = false}
  end
  return purchases
end

-- The string of each purchase's order or refusal, false where there is none.
local function read_known(purchases)
  local order_keys = {}
  for i = 1, #purchases do order_keys[i] = purchases[i].key end
  return redis.call('MGET', unpack(order_keys))
end

-- What the buyers of this call hold of each offer.
local function read_held(offers, purchases)
  local buyers = {}
  for i = 1, #purchases do
    local offer, buyer = purchases[i].offer, purchases[i].buyer
    if not offer.refusal and not offer.held[buyer] then
      offer.held[buyer] = 0
      local names = buyers[offer]
      if not names then
        names = {}
        buyers[offer] = names
      end
      names[#names + 1] = buyer
    end
  end
  for offer, names in pairs(buyers) do
    local counts = redis.call('HMGET', offer.limit_key, unpack(names))
    for i, buyer in ipairs(names) do
      if counts[i] then offer.held[buyer] = integer(counts[i]) or 0 end
    end
  end
end

-- stock -> what the till has of it, for all stocks of the offers; a stock that it does not know is missing.
local function read_stocks(till_key, offers)
  local names, fields, seen = {}, {}, {}
  for _, offer in ipairs(offers) do
    for _, line in ipairs(offer.all or {}) do
      if not seen[line[1]] then
        seen[line[1]] = true
        names[#names + 1] = line[1]
        fields[#fields + 1] = field_of(line[1])
      end
    end
  end
  local left = {}
  if #names == 0 then return left end
  local texts = redis.call('HMGET', till_key, unpack(fields))
  for i, stock in ipairs(names) do left[stock] = integer(texts[i] or '') end
  return left
end

-- How many more of the offer the stock suffices for.
local function offers_left(offer, left)
  local most
  local lines = offer.one
  for i = 1, #lines do
    local line = lines[i]
    local units = left[line[1]] or 0
    local count = (units - units % line[2]) / line[2]
    if not most or count < most then most = count end
  end
  return most or 0
end

local CONFLICT = 'REJECTED|CONFLICT|'

-- The answer to an id that is taken: the one of then, or a conflict.
local function repeat_answer(purchase, buyer, offer_id, quantity, address, answer)
  local is_same = buyer == purchase.buyer and offer_id == purchase.offer.id and quantity == purchase.quantity and address == purchase.address
  return is_same and answer or CONFLICT
end

-- A refusal is kept where the order would be, as "rejected|buyer|offer|quantity|address|answer", which no other function takes for an order. The answer
-- when it is asked again says nothing about the offer as it is then.
local function remember_refusal(purchase, answer)
  local reason, left = string.match(answer, '^REJECTED|([^|]*)|[^|]*|?([^|]*)')
  purchase.refused = table.concat({'REJECTED', reason, '', left, 'again'}, '|')
  local kept = {'rejected', purchase.buyer, purchase.offer.id, purchase.quantity, purchase.address, purchase.refused}
  redis.call('SET', purchase.key, table.concat(kept, '|'), 'PX', REFUSAL_KEPT_MS)
end

local function known_answer(purchase, text)
  local buyer, offer_id, quantity, address, refused = string.match(text, '^rejected|([^|]*)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
  if buyer then return repeat_answer(purchase, buyer, offer_id, quantity, address, refused) end
  local order = split_order(text)
  if not order then return CONFLICT end
  local answer = order[STATE] == 'refused' and 'REJECTED|REFUSED|' or
                 table.concat({'REPEATED', order[AMOUNT], order[HOLD], order[LEFT], order[PLACED_ID]}, '|')
  return repeat_answer(purchase, order[BUYER], order[OFFER], order[QUANTITY], order[ADDRESS], answer)
end

local function suffices(lines, quantity, left)
  for _, line in ipairs(lines) do
    if (left[line[1]] or 0) < line[2] * quantity then return false, line[1] end
  end
  return true
end

-- How an offer with terms is sold: fills the purchase's price and lines, and returns what it takes; or nil and the reason.
local function way_to_sell(purchase, quantity, left)
  local offer = purchase.offer
  local price = unit_price(offer.price, offer.terms, quantity, offer.now) - offer.subsidy
  local way, short = offer.with, nil
  if way then
    local enough, name = suffices(way.one, quantity, left)
    if not enough then way, short = nil, name end
  end
  if not way and offer.without then
    local enough, name = suffices(offer.without.one, quantity, left)
    if enough then way = offer.without else short = name end
  end
  if not way then return nil, string.sub(short, 1, 1) == '$' and 'FUND_EMPTY' or 'GIFT_GONE' end
  purchase.price, purchase.lines = price, way.text
  purchase.without_gift = offer.with and way == offer.without
  return way.one
end

-- Decides a purchase whose id is not taken. Accepting takes from `left` and from what the buyer may still buy.
local function decide(purchase, left)
  local quantity = QUANTITIES[purchase.quantity]
  if not quantity then return 'REJECTED|BAD_QUANTITY|' end
  local offer = purchase.offer
  if offer.refusal then return 'REJECTED|' .. offer.refusal .. '|' end
  local held = offer.held[purchase.buyer] + quantity
  if held > offer.limit then return 'REJECTED|LIMIT|' end
  local most = offers_left(offer, left)
  if most < quantity then return table.concat({'REJECTED', 'SOLD_OUT', #offer.buyers > 0 and '*' or offer.last, number_text(most)}, '|') end

  local lines = offer.one
  if offer.terms then
    local why
    lines, why = way_to_sell(purchase, quantity, left)
    if not lines then return 'REJECTED|' .. why .. '|' end
  end
  for i = 1, #lines do
    local stock, units = lines[i][1], lines[i][2]
    left[stock] = left[stock] - units * quantity
  end
  offer.held[purchase.buyer] = held
  offer.buyers[#offer.buyers + 1] = purchase.buyer
  local amount = offer.amounts[quantity] or number_text((purchase.price or offer.price) * quantity)
  offer.amounts[quantity] = amount
  purchase.amount, purchase.left = amount, number_text(offer.terms and offers_left(offer, left) or most - quantity)
  return 'ACCEPTED|' .. amount .. '|' .. offer.hold_until .. '|' .. purchase.left .. '|*' .. (purchase.without_gift and '|without_gift' or '')
end

-- Stocks and limits after the call. Returns "stock:left,..." of the stocks that moved.
local function write_counts(till_key, offers, left)
  local told, changes, seen = {}, {}, {}
  for _, offer in ipairs(offers) do
    if offer.buyers and #offer.buyers > 0 then
      for _, line in ipairs(offer.all) do
        local stock = line[1]
        if not seen[stock] and left[stock] then
          seen[stock] = true
          local text = number_text(left[stock])
          changes[#changes + 1] = field_of(stock)
          changes[#changes + 1] = text
          told[#told + 1] = stock .. ':' .. text
        end
      end
      local limits = {}
      for i, buyer in ipairs(offer.buyers) do
        limits[2 * i - 1] = buyer
        limits[2 * i] = number_text(offer.held[buyer])
      end
      redis.call('HSET', offer.limit_key, unpack(limits))
    end
  end
  redis.call('HSET', till_key, unpack(changes))
  return table.concat(told, ',')
end

local function price_text(purchase) return purchase.price and number_text(purchase.price) or purchase.offer.price_text end

-- What the accepted purchases of one offer have in common, as the stream tells it (till.lua).
local function shared_facts(purchase, now_text)
  local offer = purchase.offer
  return table.concat({offer.id, price_text(purchase), now_text, offer.hold_until, purchase.lines or offer.lines, offer.version}, '|')
end

-- Tells the ledger of what was accepted, in one entry. Returns its stream id.
local function write_entry(orders_key, accepted, told, now_text)
  local entry, n, shared = {'k', 'placed', 'l', told}, 4, nil
  for _, purchase in ipairs(accepted) do
    local offer = purchase.offer
    local facts = offer.shared or shared_facts(purchase, now_text)
    -- With terms, each order may have a price and lines of its own.
    if not offer.terms then offer.shared = facts end
    if facts ~= shared then
      entry[n + 1], entry[n + 2] = 's', facts
      n, shared = n + 2, facts
    end
    entry[n + 1] = 'n'
    entry[n + 2] = purchase.order .. '|' .. purchase.buyer .. '|' .. purchase.quantity .. '|' .. purchase.address .. '|' .. purchase.amount .. '|' .. purchase.left
    n = n + 2
  end
  return redis.call('XADD', orders_key, '*', unpack(entry))
end

-- Writes what was accepted: the order's string (till.lua) of each, its hold, and the ledger's entry, whose stream id it returns.
local function write_orders(holds_key, orders_key, accepted, told, now)
  local now_text = number_text(now)
  local id = write_entry(orders_key, accepted, told, now_text)
  local texts, holds = {}, {}
  local before_address, before_left, after_left, like
  for i, purchase in ipairs(accepted) do
    local offer = purchase.offer
    -- Much of the string is that of the purchase before.
    if not like or offer.terms or offer ~= like.offer or purchase.quantity ~= like.quantity then
      before_address = '|' .. offer.id .. '|' .. purchase.quantity .. '|'
      before_left = '|' .. price_text(purchase) .. '|' .. purchase.amount .. '|' .. now_text .. '|' .. offer.hold_until .. '|'
      after_left = '|' .. (purchase.lines or offer.lines) .. '|' .. offer.version .. '|' .. id .. '||'
      like = purchase
    end
    texts[2 * i - 1] = purchase.key
    texts[2 * i] = 'reserved|' .. purchase.buyer .. before_address .. purchase.address .. before_left .. purchase.left .. after_left
    holds[2 * i - 1] = offer.hold_until
    holds[2 * i] = purchase.order
  end
  redis.call('MSET', unpack(texts))
  redis.call('ZADD', holds_key, unpack(holds))
  return id
end

-- keys: till holds orders, then offer and limit of each offer, then the order of each purchase;
-- args: run_id epoch, number of offers, their ids, then of each purchase: order buyer, number of its offer (from 1), quantity address
-- answers: {'DECIDED', stream id of what was accepted or '', one text for each purchase...}, {'PAUSED'}, {'NO_TILL'}. The texts:
--   ACCEPTED|amount|hold_until_ms|left|* (|without_gift, when it had run out), REPEATED|amount|hold_until_ms|left|stream id,
--   REJECTED|SOLD_OUT|newest stream id of the offer|left, REJECTED|reason|, REJECTED|reason||left|again (the id was refused before);
--   * stands for the stream id of this call.
local function place(keys, args)
  local till_key, holds_key, orders_key = unpack(keys, 1, 3)
  local why, practice = closed_till(till_key, args[1], args[2])
  if why then return {why} end
  local now = now_ms()
  local offers = read_offers(keys, args, tonumber(args[3]), practice, now)
  local purchases = read_purchases(keys, args, offers)
  if #purchases > PURCHASES_MAX then return redis.error_reply('too many purchases in one call') end
  local known = read_known(purchases)
  read_held(offers, purchases)
  local left = read_stocks(till_key, offers)

  local answers, accepted, decided = {'DECIDED', ''}, {}, {}
  for i, purchase in ipairs(purchases) do
    local before = decided[purchase.order]
    if known[i] then
      answers[2 + i] = known_answer(purchase, known[i])
    elseif before then
      local answer = before.refused or table.concat({'REPEATED', before.amount, before.offer.hold_until, before.left, '*'}, '|')
      answers[2 + i] = repeat_answer(purchase, before.buyer, before.offer.id, before.quantity, before.address, answer)
    else
      answers[2 + i] = decide(purchase, left)
      decided[purchase.order] = purchase
      if purchase.amount then accepted[#accepted + 1] = purchase else remember_refusal(purchase, answers[2 + i]) end
    end
  end
  if #accepted == 0 then return answers end
  local told = write_counts(till_key, offers, left)
  answers[2] = write_orders(holds_key, orders_key, accepted, told, now)
  for _, offer in ipairs(offers) do
    if offer.buyers and #offer.buyers > 0 then redis.call('HSET', offer.key, 'last', answers[2]) end
  end
  return answers
end

redis.register_function('till_place_v3', place)
