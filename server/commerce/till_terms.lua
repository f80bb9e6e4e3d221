-- What an offer's price and days depend on: one text, parts between ';':
--   tiers=from:price,...  flash=price:from_ms:until_ms  subsidy=$fund:fen  days=123 (Monday is 1)  gifts=stock:units,...  gift_rule=sell_without
-- Absent parts do not hold. Offers without terms have an empty text and cost nothing here.

local function read_terms(text)
  local terms = {}
  for name, value in string.gmatch(text, '([^=;]+)=([^;]*)') do terms[name] = value end
  return terms
end

-- What one offer costs before the subsidy when `quantity` are bought at once: the lowest price that holds.
local function unit_price(price, terms, quantity, now)
  for from, lower in string.gmatch(terms.tiers or '', '(%d+):(%d+)') do
    if quantity >= tonumber(from) then price = math.min(price, tonumber(lower)) end
  end
  local flash, from_ms, until_ms = string.match(terms.flash or '', '^(%d+):(%d+):(%d+)$')
  if flash and now >= tonumber(from_ms) and now < tonumber(until_ms) then price = math.min(price, tonumber(flash)) end
  return price
end

-- Days are those of UTC+8. Day 0 of Unix time was a Thursday.
local function is_order_day(terms, now)
  if not terms.days then return true end
  local day = (math.floor((now + 28800000) / 86400000) + 3) % 7 + 1
  return string.find(terms.days, number_text(day), 1, true) ~= nil
end

