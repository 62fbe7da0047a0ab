-- A possim ledger, version 1. The table batch is the truth: one row for each group of postings that
-- became durable together. Everything else here is a view of it and may be queried at any time,
-- also while a host has the file open:
--
--   sqlite3 -header -column books.db 'SELECT * FROM balances'
CREATE TABLE batch (
  first  INTEGER PRIMARY KEY, -- seq of the first posting in events
  last   INTEGER NOT NULL,    -- and of the last
  crc    INTEGER NOT NULL,    -- CRC-32C of events
  events TEXT NOT NULL        -- JSON array of postings
) STRICT;

-- Every transaction: approved (refused IS NULL) or not, and what it undid.
CREATE VIEW postings AS
SELECT json_extract(e.value, '$.seq')     AS seq,
       json_extract(e.value, '$.at')      AS at,
       json_extract(e.value, '$.day')     AS day,
       json_extract(e.value, '$.key')     AS key,
       json_extract(e.value, '$.undoes')  AS undoes,
       json_extract(e.value, '$.undo')    AS undo,
       json_extract(e.value, '$.refused') AS refused,
       json_extract(e.value, '$.memo')    AS memo
FROM batch, json_each(batch.events) AS e;

-- Every register moved; n counts within a posting.
CREATE VIEW moves AS
SELECT json_extract(e.value, '$.seq')   AS seq,
       m.key                            AS n,
       json_extract(m.value, '$.kind')  AS kind,
       json_extract(m.value, '$.owner') AS owner,
       json_extract(m.value, '$.day')   AS day,
       json_extract(m.value, '$.add')   AS amount,
       json_extract(m.value, '$.set')   AS set_to
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$.moves') AS m;

-- Every limit asked, in the order asked.
CREATE VIEW verdicts AS
SELECT json_extract(e.value, '$.seq')   AS seq,
       v.key                            AS n,
       json_extract(v.value, '$.rule')  AS rule,
       json_extract(v.value, '$.kind')  AS kind,
       json_extract(v.value, '$.owner') AS owner,
       json_extract(v.value, '$.day')   AS day,
       json_extract(v.value, '$.value') AS value,
       json_extract(v.value, '$.add')   AS amount,
       json_extract(v.value, '$.min')   AS min,
       json_extract(v.value, '$.max')   AS max,
       json_extract(v.value, '$.ok')    AS ok
FROM batch, json_each(batch.events) AS e, json_each(e.value, '$.why') AS v;

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
