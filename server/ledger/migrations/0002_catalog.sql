-- What is sold, by whom, when: products, shows, segments, stock, offers, stream keys. Money is fen, weight grams.
-- SQL common to SQLite and PostgreSQL. The bounds repeat those of the API, so that no other way in can break them.

CREATE TABLE products (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  unit TEXT NOT NULL,
  net_weight_g BIGINT NOT NULL CHECK (net_weight_g BETWEEN 1 AND 1000000000),
  origin_code TEXT NOT NULL,
  origin_name TEXT NOT NULL,
  supplier_id TEXT REFERENCES organisations(id),
  supplier_name TEXT NOT NULL,
  supplier_contact TEXT NOT NULL,
  picture_url TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);

CREATE TABLE shows (
  id TEXT PRIMARY KEY,
  room_id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
  starts_ms BIGINT NOT NULL,
  organisation_id TEXT REFERENCES organisations(id),
  practice INTEGER NOT NULL DEFAULT 0 CHECK (practice IN (0, 1)),
  created_ms BIGINT NOT NULL
);

CREATE TABLE segments (
  id TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES shows(id),
  position INTEGER NOT NULL CHECK (position BETWEEN 1 AND 1000),
  host_id TEXT NOT NULL REFERENCES hosts(id),
  region_code TEXT NOT NULL,
  region_name TEXT NOT NULL,
  UNIQUE (show_id, position)
);

-- committed: units of orders that are reserved or paid. The CHECK is the last line of defence against overselling.
CREATE TABLE stocks (
  id TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES shows(id),
  product_id TEXT NOT NULL REFERENCES products(id),
  total BIGINT NOT NULL CHECK (total BETWEEN 0 AND 1000000000),
  committed BIGINT NOT NULL DEFAULT 0,
  CHECK (committed >= 0 AND committed <= total)
);
CREATE INDEX stocks_of_show ON stocks(show_id);

-- kind and state: the numbers of OfferKind and OfferState in catalog.proto.
CREATE TABLE offers (
  id TEXT PRIMARY KEY,
  show_id TEXT NOT NULL REFERENCES shows(id),
  number INTEGER NOT NULL CHECK (number BETWEEN 1 AND 9999),
  title TEXT NOT NULL,
  kind INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 3),
  price_fen BIGINT NOT NULL CHECK (price_fen BETWEEN 1 AND 10000000000),
  list_price_fen BIGINT NOT NULL CHECK (list_price_fen BETWEEN 0 AND 10000000000),
  list_price_basis TEXT NOT NULL,
  limit_per_buyer BIGINT NOT NULL CHECK (limit_per_buyer BETWEEN 1 AND 99),
  hold_ms BIGINT NOT NULL CHECK (hold_ms BETWEEN 1 AND 86400000),
  open_ms BIGINT NOT NULL CHECK (open_ms >= 0),
  close_ms BIGINT NOT NULL CHECK (close_ms >= 0),
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 3),
  segment_id TEXT REFERENCES segments(id),
  created_ms BIGINT NOT NULL,
  UNIQUE (show_id, number)
);

-- share_fen: the component's part of the price of one offer; the shares add up to price_fen.
CREATE TABLE offer_lines (
  offer_id TEXT NOT NULL REFERENCES offers(id),
  position INTEGER NOT NULL,
  stock_id TEXT NOT NULL REFERENCES stocks(id),
  quantity BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 1000),
  share_fen BIGINT NOT NULL CHECK (share_fen >= 0),
  PRIMARY KEY (offer_id, position),
  UNIQUE (offer_id, stock_id)
);

-- One key a room; only its SHA-256 is kept.
CREATE TABLE stream_keys (
  room_id TEXT PRIMARY KEY REFERENCES shows(room_id),
  key_hash TEXT NOT NULL UNIQUE,
  created_ms BIGINT NOT NULL
);
