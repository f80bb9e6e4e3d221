-- Which program projects a show's orders stream. Times are Unix milliseconds by this database's clock.

-- A program that projects says so again and again; until_ms: from then on others may take what it has.
CREATE TABLE projectors (
  id TEXT PRIMARY KEY,
  until_ms BIGINT NOT NULL
);

-- token rises with each taking. Rows of a show are written in a transaction that finds its own token here, so a program that was stopped and
-- wakes after another has taken over writes nothing. projector_id is empty when nobody has the show.
CREATE TABLE leases (
  show_id TEXT PRIMARY KEY REFERENCES shows(id),
  projector_id TEXT NOT NULL,
  token BIGINT NOT NULL CHECK (token >= 0)
);
