-- What an offer's price, days and gifts depend on, what its page showed at each change, and what of it was frozen into an order.

-- terms: OfferTerms in protobuf's JSON; empty: none. version rises with each change of the offer.
ALTER TABLE offers ADD COLUMN terms TEXT NOT NULL DEFAULT '';
ALTER TABLE offers ADD COLUMN version BIGINT NOT NULL DEFAULT 1 CHECK (version >= 1);
-- A gift's share of the price is 0.
ALTER TABLE offer_lines ADD COLUMN is_gift INTEGER NOT NULL DEFAULT 0 CHECK (is_gift IN (0, 1));

-- What the page showed, as Offer in protobuf's JSON. Rows are added and never changed.
CREATE TABLE offer_versions (
  offer_id TEXT NOT NULL REFERENCES offers(id),
  version BIGINT NOT NULL,
  made_ms BIGINT NOT NULL,
  by_account TEXT NOT NULL,
  page TEXT NOT NULL,
  PRIMARY KEY (offer_id, version)
);

-- offer_version 0: placed before versions were kept. fund_id: who gives subsidy_fen; empty: nobody.
ALTER TABLE orders ADD COLUMN offer_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN fund_id TEXT NOT NULL DEFAULT '';
-- The delivery window and the latest day of shipping that were promised; 0: none.
ALTER TABLE orders ADD COLUMN deliver_from_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN deliver_until_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE orders ADD COLUMN ship_by_ms BIGINT NOT NULL DEFAULT 0;
-- The gift had run out, and the offer's rule is to sell without it.
ALTER TABLE orders ADD COLUMN without_gift INTEGER NOT NULL DEFAULT 0 CHECK (without_gift IN (0, 1));
