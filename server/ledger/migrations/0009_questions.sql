-- Viewers' questions that were answered on air, left for after the show, or taken away. Rows are added and never changed. A question that is asked
-- anew later in the show is another row.
CREATE TABLE questions (
  show_id TEXT NOT NULL REFERENCES shows(id),
  question_id TEXT NOT NULL,
  asked_ms BIGINT NOT NULL,
  text TEXT NOT NULL,
  account_id TEXT NOT NULL,
  nickname TEXT NOT NULL,
  votes BIGINT NOT NULL CHECK (votes > 0),
  state BIGINT NOT NULL CHECK (state IN (2, 3, 4)),
  media_time_ms BIGINT NOT NULL CHECK (media_time_ms >= 0),
  closed_ms BIGINT NOT NULL,
  by_account TEXT NOT NULL REFERENCES accounts(id),
  PRIMARY KEY (show_id, question_id, asked_ms)
);
