-- What there is of each product and of each subsidy fund, and what of it shows and channels have. The sum is the same at every step.

-- total: units that there ever were for sale, sold ones included. allocated: the sum of the product's stocks.total.
-- stated 0: nobody has said how many there are, and total follows the allocations.
CREATE TABLE inventories (
  product_id TEXT PRIMARY KEY REFERENCES products(id),
  total BIGINT NOT NULL CHECK (total BETWEEN 0 AND 1000000000000),
  allocated BIGINT NOT NULL,
  stated INTEGER NOT NULL CHECK (stated IN (0, 1)),
  CHECK (allocated >= 0 AND allocated <= total)
);
INSERT INTO inventories (product_id, total, allocated, stated)
  SELECT product_id, CAST(sum(total) AS BIGINT), CAST(sum(total) AS BIGINT), 0 FROM stocks GROUP BY product_id;

-- Public money that makes goods cheaper. leased_fen: the sum of its pools' leased_fen.
CREATE TABLE funds (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  organisation_id TEXT REFERENCES organisations(id),
  total_fen BIGINT NOT NULL CHECK (total_fen BETWEEN 1 AND 100000000000000),
  leased_fen BIGINT NOT NULL DEFAULT 0,
  created_ms BIGINT NOT NULL,
  CHECK (leased_fen >= 0 AND leased_fen <= total_fen)
);

-- What a show may draw from a fund. spent_fen: subsidies of its orders that are reserved or paid.
CREATE TABLE fund_pools (
  show_id TEXT NOT NULL REFERENCES shows(id),
  fund_id TEXT NOT NULL REFERENCES funds(id),
  leased_fen BIGINT NOT NULL DEFAULT 0,
  spent_fen BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (show_id, fund_id),
  CHECK (spent_fen >= 0 AND spent_fen <= leased_fen)
);

-- Every change of an allocation after its making, in its order. field: its name in the show's till ("left:<stock>", "pool:<fund>").
-- wanted: units or fen to add; below 0: to take away; 0: to give back all that is not sold. amount: what was moved.
-- state: 1 asked (a taking away that the till has not decided, or the ledger not heard of), 2 done here and not told to the till,
-- 3 done and told, 4 refused by the till.
CREATE TABLE allocation_changes (
  show_id TEXT NOT NULL REFERENCES shows(id),
  field TEXT NOT NULL,
  number BIGINT NOT NULL CHECK (number > 0),
  id TEXT NOT NULL UNIQUE,
  wanted BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),
  by_account TEXT NOT NULL,
  why TEXT NOT NULL,
  at_ms BIGINT NOT NULL,
  PRIMARY KEY (show_id, field, number)
);
CREATE INDEX allocation_changes_open ON allocation_changes(at_ms) WHERE state < 3;
