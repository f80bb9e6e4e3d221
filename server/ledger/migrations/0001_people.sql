-- Who is who: accounts, staff passwords, grants, sessions, organisations, hosts, addresses.
-- SQL common to SQLite and PostgreSQL. Times are Unix milliseconds.

CREATE TABLE organisations (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('womens_federation', 'trade_union', 'government', 'enterprise', 'cooperative')),
  region_code TEXT NOT NULL,
  parent_id TEXT REFERENCES organisations(id),
  created_ms BIGINT NOT NULL,
  CHECK (parent_id <> id)
);

CREATE TABLE hosts (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  title TEXT NOT NULL,
  organisation_id TEXT REFERENCES organisations(id),
  region_code TEXT NOT NULL,
  region_name TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);

-- A buyer has a phone, a member of staff a name; nobody needs both.
CREATE TABLE accounts (
  id TEXT PRIMARY KEY,
  nickname TEXT NOT NULL,
  phone TEXT UNIQUE,
  created_ms BIGINT NOT NULL
);

CREATE TABLE staff (
  name TEXT PRIMARY KEY,
  account_id TEXT NOT NULL UNIQUE REFERENCES accounts(id),
  password_hash TEXT NOT NULL
);

-- role: the numbers of Role in account.proto. room_id is '*' for operators.
CREATE TABLE grants (
  account_id TEXT NOT NULL REFERENCES accounts(id),
  role INTEGER NOT NULL CHECK (role BETWEEN 2 AND 5),
  room_id TEXT NOT NULL,
  PRIMARY KEY (account_id, role, room_id),
  CHECK ((role = 5) = (room_id = '*'))
);

-- The token itself is nowhere: only its SHA-256.
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  account_id TEXT NOT NULL REFERENCES accounts(id),
  user_agent TEXT NOT NULL,
  created_ms BIGINT NOT NULL,
  seen_ms BIGINT NOT NULL,
  expires_ms BIGINT NOT NULL
);
CREATE INDEX sessions_of_account ON sessions(account_id, created_ms);

-- Codes sent to phones, one a phone: a new one replaces the old.
CREATE TABLE phone_codes (
  phone TEXT PRIMARY KEY,
  code_hash TEXT NOT NULL,
  expires_ms BIGINT NOT NULL,
  tries_left INTEGER NOT NULL CHECK (tries_left >= 0)
);

CREATE TABLE addresses (
  id TEXT PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts(id),
  recipient TEXT NOT NULL,
  phone TEXT NOT NULL,
  region_code TEXT NOT NULL,
  region_name TEXT NOT NULL,
  detail TEXT NOT NULL,
  created_ms BIGINT NOT NULL
);
CREATE INDEX addresses_of_account ON addresses(account_id, created_ms);
