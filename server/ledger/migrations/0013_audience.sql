-- Who was there. Figures are defined in docs/rooms.md.

-- The browser that a sign-in came from: 64 bits of its cookie's SHA-256, in hex; empty for clients without cookies.
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';

-- Sums since the show began, so that its newest row has the show's. watched_ms: time in which pages played, added up over all of them.
ALTER TABLE samples ADD COLUMN views BIGINT NOT NULL DEFAULT 0 CHECK (views >= 0);
ALTER TABLE samples ADD COLUMN people BIGINT NOT NULL DEFAULT 0 CHECK (people >= 0);
ALTER TABLE samples ADD COLUMN viewers_most BIGINT NOT NULL DEFAULT 0 CHECK (viewers_most >= 0);
ALTER TABLE samples ADD COLUMN watched_ms BIGINT NOT NULL DEFAULT 0 CHECK (watched_ms >= 0);
