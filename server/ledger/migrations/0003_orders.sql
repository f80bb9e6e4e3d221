-- Orders and money, written by the projector from the tills' orders streams. SQL common to SQLite and PostgreSQL.
-- Money is fen, weight grams, times Unix milliseconds by Redis' clock.

-- Shows on sale. epoch rises at every rebuild of the till; run_id is the Redis server the till was last opened for;
-- stream_id is the newest entry of the orders stream that the ledger has: written in the same transaction as its rows.
CREATE TABLE tills (
  show_id TEXT PRIMARY KEY REFERENCES shows(id),
  epoch BIGINT NOT NULL CHECK (epoch >= 0),
  run_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  started_ms BIGINT NOT NULL
);

-- One row for each decision "accepted" of a till. state: the numbers of OrderState in order.proto.
-- recipient ... detail: the address as it was when the order was placed.
CREATE TABLE orders (
  id TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES shows(id),
  offer_id TEXT NOT NULL REFERENCES offers(id),
  buyer_id TEXT NOT NULL,
  title TEXT NOT NULL,
  quantity BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 99),
  unit_price_fen BIGINT NOT NULL CHECK (unit_price_fen BETWEEN 1 AND 10000000000),
  amount_fen BIGINT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 5),
  placed_ms BIGINT NOT NULL,
  hold_until_ms BIGINT NOT NULL,
  paid_ms BIGINT NOT NULL DEFAULT 0,
  refund_due_fen BIGINT NOT NULL DEFAULT 0 CHECK (refund_due_fen >= 0),
  left_after BIGINT NOT NULL,
  stream_id TEXT NOT NULL,
  address_id TEXT NOT NULL,
  recipient TEXT NOT NULL,
  phone TEXT NOT NULL,
  region_code TEXT NOT NULL,
  region_name TEXT NOT NULL,
  detail TEXT NOT NULL,
  CHECK (amount_fen = quantity * unit_price_fen)
);
CREATE INDEX orders_of_show ON orders(show_id, id);
CREATE INDEX orders_of_buyer ON orders(buyer_id, placed_ms);

-- One row for each component: its part of the money, its weight and the county where both count.
CREATE TABLE order_lines (
  order_id TEXT NOT NULL REFERENCES orders(id),
  position INTEGER NOT NULL,
  stock_id TEXT NOT NULL REFERENCES stocks(id),
  product_id TEXT NOT NULL,
  title TEXT NOT NULL,
  unit TEXT NOT NULL,
  units BIGINT NOT NULL CHECK (units > 0),
  amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
  weight_g BIGINT NOT NULL CHECK (weight_g >= 0),
  origin_code TEXT NOT NULL,
  origin_name TEXT NOT NULL,
  PRIMARY KEY (order_id, position)
);

-- What happened to each order, never changed: one row for each entry of the orders stream that concerns one.
-- kind: placed, cancelled, expired, refused, taken_again (held anew for a late payment), paid, refund_due.
CREATE TABLE order_events (
  show_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  order_id TEXT NOT NULL REFERENCES orders(id),
  kind TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (show_id, stream_id)
);
CREATE INDEX order_events_of_order ON order_events(order_id);

-- Double entry: each row takes from one account what it gives to another, so debits equal credits by construction. Rows are only added.
-- Accounts: receivable (buyers owe for held orders), reserved (their other side), provider (money at the payment provider), sales, refunds
-- (owed to buyers).
CREATE TABLE entries (
  show_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  position INTEGER NOT NULL,
  order_id TEXT NOT NULL REFERENCES orders(id),
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (show_id, stream_id, position),
  CHECK (debit <> credit)
);
CREATE INDEX entries_of_order ON entries(order_id);

-- id is the provider's number. state: created (asked for), paid, refund_due (came when the order could not take it).
CREATE TABLE payments (
  provider TEXT NOT NULL,
  id TEXT NOT NULL,
  order_id TEXT NOT NULL REFERENCES orders(id),
  amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
  currency TEXT NOT NULL CHECK (currency = 'CNY'),
  state TEXT NOT NULL CHECK (state IN ('created', 'paid', 'refund_due')),
  created_ms BIGINT NOT NULL,
  settled_ms BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (provider, id)
);
CREATE INDEX payments_of_order ON payments(order_id);

-- Webhooks whose effect is in the ledger; the same event again has no other.
CREATE TABLE webhook_events (
  provider TEXT NOT NULL,
  event_id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  taken_ms BIGINT NOT NULL,
  PRIMARY KEY (provider, event_id)
);

-- What should not happen and was held in check: a person should look at it.
CREATE TABLE anomalies (
  show_id TEXT NOT NULL,
  stream_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (show_id, stream_id, order_id, kind)
);
