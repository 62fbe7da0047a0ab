-- A possim ledger in PostgreSQL, version 1. The table posting is the truth, register what it adds up
-- to; possim.post writes both, and is the only writer. For people there are views, which may be asked
-- at any time:
--
--   psql books -c 'SELECT * FROM possim.balances'

-- One row, which a batch of transactions holds from its first look until it is durable: whoever holds
-- it is alone, so that postings become visible in the order of their numbers, and none is missing.
CREATE TABLE possim.book (last bigint NOT NULL); -- number of the last posting
INSERT INTO possim.book VALUES (0);

-- The journal. Rows are added and never changed.
CREATE TABLE possim.posting (
  seq     bigint PRIMARY KEY,
  key     text COLLATE "C" NOT NULL UNIQUE,
  undoes  text COLLATE "C",          -- the key of what it takes back
  undo    text,                      -- what came of that
  undid   bigint,                    -- the posting whose inverse it posted
  refused text,                      -- the rule that refused it
  own     boolean NOT NULL,          -- whether the moves in body were posted
  holds   boolean NOT NULL,          -- whether it may move a register of the kind hold
  seen    bigint[] NOT NULL,         -- what the guards saw that were asked, in order
  back    text,                      -- JSON: the moves that take back what it undid, which come first
  raised  text,                      -- JSON: the counters that it raised, which come last
  body    text NOT NULL,             -- JSON: what the host handed in
  memo    bytea NOT NULL
) WITH (toast_tuple_target = 8160);  -- a posting is two kilobytes: compressing it costs more than it saves

-- Keys that were undone before they arrived.
CREATE INDEX tombstone ON possim.posting (undoes) WHERE undo = 'unknown' AND refused IS NULL;

-- Postings that hold something: hosts read them again and again, and there are few.
CREATE INDEX holding ON possim.posting (seq) WHERE holds;

-- Postings that another has undone and that do not stand.
CREATE TABLE possim.undone (
  seq   bigint PRIMARY KEY,
  undoer bigint NOT NULL
);

-- What each register holds, under kind:day:owner. Half of a page is left for new versions of a row
-- beside the old one, which then cost no entry in an index.
CREATE TABLE possim.register (
  name  text COLLATE "C" PRIMARY KEY,
  value bigint NOT NULL
) WITH (fillfactor = 50);

-- What the registry keeps of terminals.
CREATE TABLE possim.terminal (
  mid   text NOT NULL,
  tid   text NOT NULL,
  state text NOT NULL, -- JSON: open batch, working keys under the master key
  PRIMARY KEY (mid, tid)
);

-- What all hosts have in common and none may change: the key of the cards' names, wrapped.
CREATE TABLE possim.setting (
  name  text PRIMARY KEY,
  value text NOT NULL
);

-- name is how register calls a register.
CREATE FUNCTION possim.name(kind text, owner text, day text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT kind || ':' || coalesce(day, '0') || ':' || owner $$;

-- readable is a memo for people. It may hold what no text of PostgreSQL can.
CREATE FUNCTION possim.readable(memo bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN convert_from(memo, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN encode(memo, 'escape');
END $$;

-- Every transaction: approved (refused IS NULL) or not, and what it undid.
CREATE VIEW possim.postings AS
SELECT p.seq, j.body ->> 'at' AS at, (j.body ->> 'day')::int AS day, p.key, p.undoes, p.undo, p.refused,
       possim.readable(p.memo) AS memo
FROM possim.posting p, LATERAL (SELECT p.body::json AS body) j;

-- Every register moved; n counts within a posting.
CREATE VIEW possim.moves AS
SELECT p.seq, row_number() OVER (PARTITION BY p.seq ORDER BY l.part, e.n) - 1 AS n,
       e.move ->> 'kind' AS kind, e.move ->> 'owner' AS owner, (e.move ->> 'day')::int AS day,
       (e.move ->> 'add')::bigint AS amount, (e.move ->> 'set')::bigint AS set_to
FROM possim.posting p,
     LATERAL (VALUES (1, p.back::json), (2, CASE WHEN p.own THEN p.body::json -> 'moves' END), (3, p.raised::json)) AS l(part, moves),
     LATERAL json_array_elements(l.moves) WITH ORDINALITY AS e(move, n);

-- Every limit asked, in the order asked.
CREATE VIEW possim.verdicts AS
SELECT p.seq, e.n - 1 AS n, e.verdict ->> 'rule' AS rule,
       e.verdict ->> 'kind' AS kind, e.verdict ->> 'owner' AS owner, (e.verdict ->> 'day')::int AS day,
       p.seen[e.n] AS value, (e.verdict ->> 'add')::bigint AS amount,
       (e.verdict ->> 'min')::bigint AS min, (e.verdict ->> 'max')::bigint AS max,
       coalesce(p.seen[e.n]::numeric + (e.verdict ->> 'add')::numeric >= (e.verdict ->> 'min')::numeric, true) AND
       coalesce(p.seen[e.n]::numeric + (e.verdict ->> 'add')::numeric <= (e.verdict ->> 'max')::numeric, true) AS ok
FROM possim.posting p, LATERAL json_array_elements(p.body::json -> 'why') WITH ORDINALITY AS e(verdict, n)
WHERE e.n <= cardinality(p.seen);

-- What each register holds.
CREATE VIEW possim.registers AS
SELECT split_part(name, ':', 1) AS kind,
       substr(name, length(split_part(name, ':', 1)) + length(split_part(name, ':', 2)) + 3) AS owner,
       nullif(split_part(name, ':', 2), '0')::int AS day, value
FROM possim.register;

-- What each account holds and has set aside, in minor units.
CREATE VIEW possim.balances AS
SELECT owner, sum(value) FILTER (WHERE kind = 'balance') AS balance, sum(value) FILTER (WHERE kind = 'hold') AS hold
FROM possim.registers WHERE kind IN ('balance', 'hold') GROUP BY owner;

-- What each card or terminal used of its limits on a day.
CREATE VIEW possim.day_use AS
SELECT owner, day, sum(value) FILTER (WHERE kind = 'day-amount') AS amount, sum(value) FILTER (WHERE kind = 'day-count') AS count
FROM possim.registers WHERE kind IN ('day-amount', 'day-count') GROUP BY owner, day;
