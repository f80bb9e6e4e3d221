-- Names, phones and addresses of people are sealed (auth/personal_keys.hpp), from the first start with this step on. accounts.phone and
-- phone_codes.phone become keyed hashes, by which a phone is found and nothing else; the phone itself is beside it, sealed.
ALTER TABLE accounts ADD COLUMN phone_sealed TEXT NOT NULL DEFAULT '';
-- A code lasts minutes: whoever waits for one asks again.
DELETE FROM phone_codes;

-- Who of the staff saw where orders go, in full. Rows are added and never changed.
CREATE TABLE personal_looks (
  id BIGINT PRIMARY KEY,
  show_id TEXT NOT NULL,
  order_id TEXT NOT NULL,
  by_account TEXT NOT NULL,
  what TEXT NOT NULL CHECK (what IN ('address', 'ship_out')),
  why TEXT NOT NULL,
  at_ms BIGINT NOT NULL
);
CREATE INDEX personal_looks_of_order ON personal_looks(order_id);
