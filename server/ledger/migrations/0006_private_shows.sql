-- Shows whose picture is not for everybody. Rehearsals (practice) are private without it.
ALTER TABLE shows ADD COLUMN is_private INTEGER NOT NULL DEFAULT 0 CHECK (is_private IN (0, 1));
