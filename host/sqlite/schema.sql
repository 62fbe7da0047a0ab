-- A possim ledger, version 2. The table batch is the truth: one row for each group of postings that
-- became durable together. Everything else here follows from it and may be queried at any time,
-- also while a host has the file open:
--
--   sqlite3 -header -column books.db 'SELECT * FROM balances'
CREATE TABLE IF NOT EXISTS batch (
  first  INTEGER PRIMARY KEY, -- seq of the first posting in events
  last   INTEGER NOT NULL,    -- and of the last
  crc    INTEGER NOT NULL,    -- CRC-32C of events
  events TEXT NOT NULL        -- JSON array of postings: arrays, in version 1 objects
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

-- Every transaction: approved (refused IS NULL) or not, and what it undid.
CREATE VIEW postings AS
SELECT json_extract(e.value, '$[0]')             AS seq,
       json_extract(e.value, '$[3]')             AS at,
       nullif(json_extract(e.value, '$[4]'), 0)  AS day,
       json_extract(e.value, '$[1]')             AS key,
       nullif(json_extract(e.value, '$[5]'), '') AS undoes,
       nullif(json_extract(e.value, '$[6]'), '') AS undo,
       nullif(json_extract(e.value, '$[7]'), '') AS refused,
       nullif(json_extract(e.value, '$[11]'), '') AS memo
FROM batch, json_each(batch.events) AS e WHERE substr(batch.events, 2, 1) = '['
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

-- Every register moved; n counts within a posting.
CREATE VIEW moves AS
SELECT json_extract(e.value, '$[0]') AS seq,
       m.key                         AS n,
       json_extract(e.value, '$[8][' || json_extract(m.value, '$[0]') || '][0]') AS kind,
       json_extract(e.value, '$[8][' || json_extract(m.value, '$[0]') || '][1]') AS owner,
       nullif(json_extract(e.value, '$[8][' || json_extract(m.value, '$[0]') || '][2]'), 0) AS day,
       json_extract(m.value, '$[1]') AS amount,
       json_extract(m.value, '$[2]') AS set_to
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$[10]') AS m WHERE substr(batch.events, 2, 1) = '['
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
SELECT json_extract(e.value, '$[0]') AS seq,
       v.key                         AS n,
       json_extract(v.value, '$[0]') AS rule,
       json_extract(e.value, '$[8][' || json_extract(v.value, '$[1]') || '][0]') AS kind,
       json_extract(e.value, '$[8][' || json_extract(v.value, '$[1]') || '][1]') AS owner,
       nullif(json_extract(e.value, '$[8][' || json_extract(v.value, '$[1]') || '][2]'), 0) AS day,
       json_extract(v.value, '$[2]') AS value,
       json_extract(v.value, '$[3]') AS amount,
       json_extract(v.value, '$[4]') AS min,
       json_extract(v.value, '$[5]') AS max,
       json_extract(v.value, '$[6]') AS ok
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$[9]') AS v WHERE substr(batch.events, 2, 1) = '['
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
