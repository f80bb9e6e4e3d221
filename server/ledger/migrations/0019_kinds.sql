-- Orders that the ledger takes itself (bulk orders of organisations, sales at an offline stall) and what leads to them. Money is fen.

-- What an order of the ledger's own has besides its row in orders. count: of the offer; a bulk order is one lot in orders (quantity 1). tag: which
-- stall. reference: how it was paid (a bank's number, cash). beneficiary: for whom the goods of 以购代捐 are.
CREATE TABLE direct_orders (
  order_id TEXT PRIMARY KEY REFERENCES orders(id),
  count BIGINT NOT NULL CHECK (count BETWEEN 1 AND 1000000000),
  unit_price_fen BIGINT NOT NULL CHECK (unit_price_fen > 0),
  tag TEXT NOT NULL,
  reference TEXT NOT NULL,
  quote_id TEXT NOT NULL,
  beneficiary TEXT NOT NULL,
  invoice_title TEXT NOT NULL,
  tax_number TEXT NOT NULL,
  by_account TEXT NOT NULL
);

-- Where the parts of a bulk order go: one row for each unit that is delivered to. recipient, phone and detail are sealed.
CREATE TABLE order_consignees (
  order_id TEXT NOT NULL REFERENCES orders(id),
  position INTEGER NOT NULL,
  unit_name TEXT NOT NULL,
  recipient TEXT NOT NULL,
  phone TEXT NOT NULL,
  region_code TEXT NOT NULL,
  region_name TEXT NOT NULL,
  detail TEXT NOT NULL,
  count BIGINT NOT NULL CHECK (count > 0),
  PRIMARY KEY (order_id, position)
);

-- A price for an organisation, for at least count_min of an offer, until valid_until_ms. kind: 2 or 3 of OrderKind. state: the numbers of QuoteState.
CREATE TABLE quotes (
  id TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES shows(id),
  offer_id TEXT NOT NULL REFERENCES offers(id),
  organisation_id TEXT NOT NULL REFERENCES organisations(id),
  kind INTEGER NOT NULL CHECK (kind IN (2, 3)),
  unit_price_fen BIGINT NOT NULL CHECK (unit_price_fen BETWEEN 1 AND 10000000000),
  count_min BIGINT NOT NULL CHECK (count_min BETWEEN 1 AND 1000000000),
  valid_until_ms BIGINT NOT NULL,
  beneficiary TEXT NOT NULL,
  intent_id TEXT NOT NULL DEFAULT '',
  agreement_id TEXT NOT NULL DEFAULT '',
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
  made_by TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  order_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX quotes_of_show ON quotes(show_id, made_ms);

-- 意向采购: somebody wants to buy. No order, no money, in no total. state: the numbers of IntentState.
CREATE TABLE purchase_intents (
  id TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES shows(id),
  organisation_id TEXT NOT NULL REFERENCES organisations(id),
  product_id TEXT NOT NULL REFERENCES products(id),
  count BIGINT NOT NULL CHECK (count BETWEEN 1 AND 1000000000),
  hoped_price_fen BIGINT NOT NULL CHECK (hoped_price_fen >= 0),
  note TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
  made_by TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  order_id TEXT NOT NULL DEFAULT ''
);
CREATE INDEX purchase_intents_of_show ON purchase_intents(show_id, made_ms);

-- 产销协议: a supplier and a buying unit have agreed. No order, in no total. state: the numbers of AgreementState.
CREATE TABLE supply_agreements (
  id TEXT PRIMARY KEY,
  supplier_id TEXT NOT NULL REFERENCES organisations(id),
  buyer_id TEXT NOT NULL REFERENCES organisations(id),
  product_id TEXT NOT NULL REFERENCES products(id),
  count BIGINT NOT NULL CHECK (count BETWEEN 1 AND 1000000000),
  unit_price_fen BIGINT NOT NULL CHECK (unit_price_fen BETWEEN 1 AND 10000000000),
  from_ms BIGINT NOT NULL,
  until_ms BIGINT NOT NULL,
  note TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  made_by TEXT NOT NULL,
  made_ms BIGINT NOT NULL,
  order_id TEXT NOT NULL DEFAULT '',
  CHECK (supplier_id <> buyer_id AND until_ms > from_ms)
);
