-- A possim ledger, version 3. The table batch is the truth: one row for each group of postings that
-- became durable together. Everything else here follows from it and may be queried at any time,
-- also while a host has the file open:
--
--   sqlite3 -header -column books.db 'SELECT * FROM balances'
CREATE TABLE IF NOT EXISTS batch (
  first  INTEGER PRIMARY KEY, -- seq of the first posting in events
  last   INTEGER NOT NULL,    -- and of the last
  crc    INTEGER NOT NULL,    -- CRC-32C of events
  events TEXT NOT NULL        -- JSON array of postings: see the views; what older versions wrote stays as it was
) STRICT;

-- What runs of batches made of the book, for a quick start. All of it may be deleted while no host
-- has the file open: the next start then reads the batches.
CREATE TABLE IF NOT EXISTS snapshot (
  first INTEGER PRIMARY KEY, -- seq of the first posting it stands for
  last  INTEGER NOT NULL,    -- and of the last
  crc   INTEGER NOT NULL,    -- CRC-32C of state
  tail  INTEGER NOT NULL,    -- crc of the last batch it stands for
  state BLOB NOT NULL
) STRICT;

DROP VIEW IF EXISTS postings;
DROP VIEW IF EXISTS moves;
DROP VIEW IF EXISTS verdicts;
DROP VIEW IF EXISTS registers;
DROP VIEW IF EXISTS balances;
DROP VIEW IF EXISTS day_use;
DROP VIEW IF EXISTS named;
DROP VIEW IF EXISTS kinds;

-- What the two letters for a kind of register mean.
CREATE VIEW kinds (code, kind) AS VALUES
  ('ba', 'balance'), ('ho', 'hold'), ('da', 'day-amount'), ('dc', 'day-count'), ('li', 'limit'),
  ('st', 'status'), ('pt', 'pin-tries'), ('at', 'atc'), ('re', 'rest'), ('ta', 'debit-amount'),
  ('tc', 'debit-count'), ('ga', 'credit-amount'), ('gc', 'credit-count'), ('us', 'uses');

-- A posting is an array
--
--   [[key, owner, ...], seq, print, at, day, [verdict, ...], [register, amount, ...],
--    memo, undoes, undo, refused, memo in base64]
--
-- where a register is "da1": a kind, the place of its owner in the first list (0 is the key), "@day" where
-- that is not the posting's for day-amount and day-count, none for others, and "=" where it is set. A
-- number behind an owner says how many bytes of the key's beginning belong to its end. Rows of version 2
-- begin with [[ and a number, those of version 1 are objects.

-- Every transaction: approved (refused IS NULL) or not, and what it undid.
CREATE VIEW postings AS
SELECT batch.first + e.key                       AS seq,
       json_extract(e.value, '$[3]')             AS at,
       nullif(json_extract(e.value, '$[4]'), 0)  AS day,
       json_extract(e.value, '$[0][0]')          AS key,
       nullif(json_extract(e.value, '$[8]'), '') AS undoes,
       nullif(json_extract(e.value, '$[9]'), '') AS undo,
       nullif(json_extract(e.value, '$[10]'), '') AS refused,
       nullif(json_extract(e.value, '$[7]'), '') AS memo
FROM batch, json_each(batch.events) AS e WHERE substr(batch.events, 3, 1) = '['
UNION ALL
SELECT json_extract(e.value, '$[0]'),
       json_extract(e.value, '$[3]'),
       nullif(json_extract(e.value, '$[4]'), 0),
       json_extract(e.value, '$[1]'),
       nullif(json_extract(e.value, '$[5]'), ''),
       nullif(json_extract(e.value, '$[6]'), ''),
       nullif(json_extract(e.value, '$[7]'), ''),
       nullif(json_extract(e.value, '$[11]'), '')
FROM batch, json_each(batch.events) AS e WHERE substr(batch.events, 3, 1) BETWEEN '0' AND '9'
UNION ALL
SELECT json_extract(e.value, '$.seq'),
       json_extract(e.value, '$.at'),
       json_extract(e.value, '$.day'),
       json_extract(e.value, '$.key'),
       json_extract(e.value, '$.undoes'),
       json_extract(e.value, '$.undo'),
       json_extract(e.value, '$.refused'),
       json_extract(e.value, '$.memo')
FROM batch, json_each(batch.events) AS e WHERE substr(batch.events, 2, 1) = '{';

-- The registers that the postings of this version moved, and those they asked, with the verdict: what their
-- names say stands here once, and so is read once, for moves and verdicts.
CREATE VIEW named AS
SELECT seq, n, asked, line, reg, verdict,
       (SELECT kinds.kind FROM kinds WHERE code = substr(reg, 1, 2)) AS kind,
       json_extract(line, '$[0][' || o || ']') || CASE json_type(line, '$[0][' || (o + 1) || ']') WHEN 'integer'
         THEN CAST(substr(CAST(json_extract(line, '$[0][0]') AS BLOB), 1, json_extract(line, '$[0][' || (o + 1) || ']')) AS TEXT)
         ELSE '' END AS owner,
       CASE WHEN instr(reg, '@') THEN nullif(CAST(substr(reg, instr(reg, '@') + 1) AS INTEGER), 0)
            WHEN substr(reg, 1, 2) IN ('da', 'dc') THEN nullif(json_extract(line, '$[4]'), 0) END AS day
FROM (SELECT *, CAST(substr(reg, 3) AS INTEGER) AS o
      FROM (SELECT batch.first + e.key AS seq, e.value AS line, 0 AS asked, m.key / 2 AS n, m.value AS reg, NULL AS verdict
            FROM batch, json_each(batch.events) AS e, json_each(e.value, '$[6]') AS m
            WHERE substr(batch.events, 3, 1) = '[' AND m.key % 2 = 0
            UNION ALL
            SELECT batch.first + e.key, e.value, 1, v.key, json_extract(v.value, '$[1]'), v.value
            FROM batch, json_each(batch.events) AS e, json_each(e.value, '$[5]') AS v
            WHERE substr(batch.events, 3, 1) = '['));

-- Every register moved; n counts within a posting.
CREATE VIEW moves AS
SELECT seq, n, kind, owner, day,
       CASE WHEN reg NOT LIKE '%=' THEN json_extract(line, '$[6][' || (2 * n + 1) || ']') END AS amount,
       CASE WHEN reg LIKE '%=' THEN json_extract(line, '$[6][' || (2 * n + 1) || ']') END AS set_to
FROM named WHERE NOT asked
UNION ALL
SELECT json_extract(e.value, '$[0]'),
       m.key,
       json_extract(e.value, '$[8][' || json_extract(m.value, '$[0]') || '][0]'),
       json_extract(e.value, '$[8][' || json_extract(m.value, '$[0]') || '][1]'),
       nullif(json_extract(e.value, '$[8][' || json_extract(m.value, '$[0]') || '][2]'), 0),
       json_extract(m.value, '$[1]'),
       json_extract(m.value, '$[2]')
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$[10]') AS m WHERE substr(batch.events, 3, 1) BETWEEN '0' AND '9'
UNION ALL
SELECT json_extract(e.value, '$.seq'),
       m.key,
       json_extract(m.value, '$.kind'),
       json_extract(m.value, '$.owner'),
       json_extract(m.value, '$.day'),
       json_extract(m.value, '$.add'),
       json_extract(m.value, '$.set')
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$.moves') AS m WHERE substr(batch.events, 2, 1) = '{';

-- Every limit asked, in the order asked.
CREATE VIEW verdicts AS
SELECT seq, n, json_extract(verdict, '$[0]') AS rule, kind, owner, day,
       json_extract(verdict, '$[2]') AS value,
       json_extract(verdict, '$[3]') AS amount,
       json_extract(verdict, '$[4]') AS min,
       json_extract(verdict, '$[5]') AS max,
       coalesce(json_extract(verdict, '$[6]'), 1) AS ok
FROM named WHERE asked
UNION ALL
SELECT json_extract(e.value, '$[0]'),
       v.key,
       json_extract(v.value, '$[0]'),
       json_extract(e.value, '$[8][' || json_extract(v.value, '$[1]') || '][0]'),
       json_extract(e.value, '$[8][' || json_extract(v.value, '$[1]') || '][1]'),
       nullif(json_extract(e.value, '$[8][' || json_extract(v.value, '$[1]') || '][2]'), 0),
       json_extract(v.value, '$[2]'),
       json_extract(v.value, '$[3]'),
       json_extract(v.value, '$[4]'),
       json_extract(v.value, '$[5]'),
       json_extract(v.value, '$[6]')
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$[9]') AS v WHERE substr(batch.events, 3, 1) BETWEEN '0' AND '9'
UNION ALL
SELECT json_extract(e.value, '$.seq'),
       v.key,
       json_extract(v.value, '$.rule'),
       json_extract(v.value, '$.kind'),
       json_extract(v.value, '$.owner'),
       json_extract(v.value, '$.day'),
       json_extract(v.value, '$.value'),
       json_extract(v.value, '$.add'),
       json_extract(v.value, '$.min'),
       json_extract(v.value, '$.max'),
       json_extract(v.value, '$.ok')
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$.why') AS v WHERE substr(batch.events, 2, 1) = '{';

-- What each register holds: the last value set, and what was added since.
CREATE VIEW registers AS
SELECT kind, owner, day, sum(coalesce(set_to, amount)) AS value
FROM (SELECT kind, owner, day, set_to, amount,
             count(set_to) OVER (PARTITION BY kind, owner, day ORDER BY seq DESC, n DESC
                                 ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
             - (set_to IS NOT NULL) AS sets_after
      FROM moves)
WHERE sets_after = 0
GROUP BY kind, owner, day;

-- What each account holds and has set aside, in minor units.
CREATE VIEW balances AS
SELECT owner,
       sum(amount) FILTER (WHERE kind = 'balance') AS balance,
       sum(amount) FILTER (WHERE kind = 'hold')    AS hold
FROM moves
WHERE kind IN ('balance', 'hold')
GROUP BY owner;

-- What each card or terminal used of its limits on a day.
CREATE VIEW day_use AS
SELECT owner, day,
       sum(amount) FILTER (WHERE kind = 'day-amount') AS amount,
       sum(amount) FILTER (WHERE kind = 'day-count')  AS count
FROM moves
WHERE kind IN ('day-amount', 'day-count')
GROUP BY owner, day;
