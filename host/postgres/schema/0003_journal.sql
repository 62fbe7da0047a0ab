-- Hosts decide, with package ledger's own machine, and the database takes what became of it: a posting
-- says beside everything else which registers it moved and what they held after it, and nothing else is
-- written for it. Hosts read that of one another's postings. What a register holds is what the last
-- posting behind possim.folded that moved it says, or else the table register, or else, of a rest, the
-- posting of that key. possim.fold brings the table up to date, for thousands of postings at once, most
-- of which meet on the same registers.
--
-- Postings of versions 1 and 2 stay as they are: seen tells what their guards saw, and own, back and raised
-- what they moved. A later one says that in its body.
DROP FUNCTION possim.post(text[], text[], bytea[], boolean[], text[], bigint[], text[], text[],
  int[], text[], int[], bigint[], bigint[], bigint[], int[], int[], bigint[], boolean[], int[], int[], bigint[], text[], bigint);
DROP FUNCTION possim.standing(bigint);
DROP FUNCTION possim.topple(bigint, bigint);
DROP FUNCTION possim.inverse(bigint);
DROP FUNCTION possim.name(text, text, text);

ALTER TABLE possim.posting
  ADD regs  text, -- the names of the registers it moved, a line each
  ADD after text, -- and what they held then, with commas between
  ADD rest  bigint, -- what is left of itself, where nobody had moved that before
  ALTER seen DROP NOT NULL;

-- The last posting whose registers are in the table register.
CREATE TABLE possim.folded (upto bigint NOT NULL);
INSERT INTO possim.folded SELECT last FROM possim.book;

-- What the postings behind that made of their registers.
CREATE VIEW possim.fresh AS
SELECT DISTINCT ON (m.name) m.name, m.value
FROM possim.folded f, possim.posting p,
     LATERAL (SELECT * FROM unnest(string_to_array(p.regs, E'\n'), string_to_array(p.after, ',')::bigint[])
              UNION ALL SELECT 'rest:0:' || p.key, p.rest WHERE p.rest IS NOT NULL) m(name, value)
WHERE p.seq > f.upto ORDER BY m.name, p.seq DESC;

-- fold brings the table of registers from one posting up to another, which has that key, and says up to
-- which it is. A host that does not know how far the table is changes nothing.
CREATE FUNCTION possim.fold(since bigint, until bigint, until_key text, names text[], amounts bigint[]) RETURNS bigint
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_memoize = off
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  upto bigint;
  tids tid[];
BEGIN
  SELECT f.upto INTO upto FROM possim.folded f FOR UPDATE;
  IF upto <> since OR NOT EXISTS (SELECT FROM possim.posting p WHERE p.seq = until AND p.key = until_key) THEN
    RETURN upto;
  END IF;
  SELECT array_agg(q.tid) INTO tids FROM (
    SELECT g.ctid AS tid FROM generate_series(1, cardinality(names)) i LEFT JOIN possim.register g ON g.name = names[i] ORDER BY i) q;
  UPDATE possim.register g SET value = amounts[i] FROM generate_series(1, cardinality(names)) i
  WHERE g.ctid = tids[i] AND g.value <> amounts[i];
  INSERT INTO possim.register (name, value)
  SELECT names[i], amounts[i] FROM generate_series(1, cardinality(names)) i WHERE tids[i] IS NULL;
  UPDATE possim.folded SET upto = until;
  RETURN until;
END $$;

-- fetch tells a host that knows the book up to the posting behind, which has that key (NULL if it does not
-- know), what has come since, in one view: the registers moved, in the order of the postings. A host that
-- knows less than what was folded away is told what came since that; so is one that knows other books, as
-- after a failover to a server that had not got the last postings: same is false. Of each register named it says what the table holds, which is so for those
-- that were not moved since; of each key which posting bears it, and which has undone it before it arrived.
CREATE FUNCTION possim.fetch(behind bigint, behind_key text, names text[], keys text[],
  OUT last bigint, OUT since bigint, OUT bearers text[], OUT regs text[], OUT afters text[], OUT rests bigint[], OUT amounts bigint[], OUT known bigint[], OUT tombs bigint[], OUT same boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT b.last, f.upto INTO last, since FROM possim.book b, possim.folded f;
  same := coalesce((SELECT p.key = behind_key FROM possim.posting p WHERE p.seq = behind), behind <= last);
  IF same THEN
    since := greatest(behind, since);
  END IF;
  IF last > since THEN
    SELECT array_agg(q.key), array_agg(q.regs), array_agg(q.after), array_agg(q.rest) INTO bearers, regs, afters, rests FROM (
      SELECT p.key, p.regs, p.after, p.rest FROM possim.posting p WHERE p.seq > since ORDER BY p.seq) q;
  END IF;
  IF cardinality(names) > 0 THEN
    SELECT array_agg(q.value) INTO amounts FROM (
      SELECT coalesce(g.value, CASE WHEN starts_with(names[i], 'rest:0:') THEN
               (SELECT p.rest FROM possim.posting p WHERE p.key = substr(names[i], length('rest:0:') + 1)) END) AS value
      FROM generate_series(1, cardinality(names)) i LEFT JOIN possim.register g ON g.name = names[i] ORDER BY i) q;
  END IF;
  IF cardinality(keys) > 0 THEN
    SELECT array_agg(q.seq), array_agg(q.tomb) INTO known, tombs FROM (
      SELECT p.seq, (SELECT t.seq FROM possim.posting t WHERE t.undoes = keys[i] AND t.undo = 'unknown' AND t.refused IS NULL LIMIT 1) AS tomb
      FROM generate_series(1, cardinality(keys)) i LEFT JOIN possim.posting p ON p.key = keys[i] ORDER BY i) q;
  END IF;
END $$;

-- chain is what the postings under these keys undid, what that undid, and so on down, and who has each
-- of them undone.
CREATE FUNCTION possim.chain(keys text[]) RETURNS TABLE (seq bigint, undid bigint, undoer bigint)
LANGUAGE sql STABLE AS $$
  WITH RECURSIVE down AS (
    SELECT p.seq, p.undid FROM possim.posting p WHERE p.key = ANY(keys)
    UNION
    SELECT p.seq, p.undid FROM down d JOIN possim.posting p ON p.seq = d.undid)
  SELECT d.seq, coalesce(d.undid, 0), coalesce(u.undoer, 0) FROM down d LEFT JOIN possim.undone u ON u.seq = d.seq
$$;

-- append posts what a host decided on knowing the book up to the posting behind, as fetch, and from here on nobody
-- else posts until that is durable. When the book has gone on since, it says 1 and does nothing; when
-- a key is known, or was undone before it arrived, or one of the registers untouched is in the table, 2
-- and nothing, unless the host has looked. fallen are the postings that fell or rose, and undoers by whom they are undone, NULL where they stand.
CREATE FUNCTION possim.append(behind bigint, behind_key text, looked boolean, untouched text[],
  keys text[], undoes text[], undo text[], undid bigint[], refused text[], holds boolean[], regs text[], afters text[], rests bigint[],
  bodies text[], memos bytea[], fallen bigint[], undoers bigint[]) RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
  posted bigint;
BEGIN
  SELECT b.last INTO posted FROM possim.book b FOR UPDATE;
  IF posted <> behind OR NOT coalesce((SELECT p.key = behind_key FROM possim.posting p WHERE p.seq = behind), true) THEN
    RETURN 1;
  END IF;
  IF NOT looked AND (EXISTS (SELECT FROM possim.posting t WHERE t.undoes = ANY(keys) AND t.undo = 'unknown' AND t.refused IS NULL)
                     OR EXISTS (SELECT FROM possim.register g WHERE g.name = ANY(untouched))) THEN
    RETURN 2;
  END IF;
  BEGIN
    INSERT INTO possim.posting (seq, key, undoes, undo, undid, refused, own, holds, regs, after, rest, body, memo)
    SELECT behind + i, keys[i], undoes[i], undo[i], undid[i], refused[i], true, holds[i], regs[i], afters[i], rests[i], bodies[i], memos[i]
    FROM generate_series(1, cardinality(keys)) i;
  EXCEPTION WHEN unique_violation THEN
    RETURN 2;
  END;
  IF cardinality(fallen) > 0 THEN
    DELETE FROM possim.undone u WHERE u.seq = ANY(fallen);
    INSERT INTO possim.undone (seq, undoer)
    SELECT fallen[i], undoers[i] FROM generate_series(1, cardinality(fallen)) i WHERE undoers[i] IS NOT NULL;
  END IF;
  UPDATE possim.book SET last = behind + cardinality(keys);
  RETURN 0;
END $$;

-- name is what the column regs, and the key, call the register that a body refers to.
CREATE FUNCTION possim.name(reg json, regs text, key text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN json_typeof(reg) = 'string' THEN reg #>> '{}'
              WHEN (reg #>> '{}')::int = -1 THEN 'rest:0:' || key
              ELSE split_part(regs, E'\n', (reg #>> '{}')::int + 1) END
$$;

-- Every register moved; n counts within a posting.
CREATE OR REPLACE VIEW possim.moves AS
SELECT p.seq, row_number() OVER (PARTITION BY p.seq ORDER BY l.part, e.n) - 1 AS n,
       e.move ->> 'kind' AS kind, e.move ->> 'owner' AS owner, (e.move ->> 'day')::int AS day,
       (e.move ->> 'add')::bigint AS amount, (e.move ->> 'set')::bigint AS set_to
FROM possim.posting p,
     LATERAL (VALUES (1, p.back::json), (2, CASE WHEN p.own THEN p.body::json -> 'moves' END), (3, p.raised::json)) AS l(part, moves),
     LATERAL json_array_elements(l.moves) WITH ORDINALITY AS e(move, n)
WHERE p.regs IS NULL
UNION ALL
SELECT p.seq, e.n - 1, split_part(r.name, ':', 1),
       substr(r.name, length(split_part(r.name, ':', 1)) + length(split_part(r.name, ':', 2)) + 3),
       nullif(split_part(r.name, ':', 2), '0')::int, (e.move ->> 1)::bigint, (e.move ->> 2)::bigint
FROM possim.posting p, LATERAL json_array_elements(p.body::json -> 'moves') WITH ORDINALITY AS e(move, n),
     LATERAL (SELECT possim.name(e.move -> 0, p.regs, p.key) COLLATE "default" AS name) r
WHERE p.regs IS NOT NULL;

-- Every limit asked, in the order asked.
CREATE OR REPLACE VIEW possim.verdicts AS
SELECT seq, n, rule, kind, owner, day, value, amount, min, max,
       coalesce(value::numeric + amount::numeric >= min::numeric, true) AND
       coalesce(value::numeric + amount::numeric <= max::numeric, true) AS ok
FROM (SELECT p.seq, e.n - 1 AS n, e.verdict ->> 'rule' AS rule,
             e.verdict ->> 'kind' AS kind, e.verdict ->> 'owner' AS owner, (e.verdict ->> 'day')::int AS day,
             p.seen[e.n] AS value, (e.verdict ->> 'add')::bigint AS amount,
             (e.verdict ->> 'min')::bigint AS min, (e.verdict ->> 'max')::bigint AS max
      FROM possim.posting p, LATERAL json_array_elements(p.body::json -> 'why') WITH ORDINALITY AS e(verdict, n)
      WHERE p.regs IS NULL AND e.n <= cardinality(p.seen)
      UNION ALL
      SELECT p.seq, e.n - 1, e.verdict ->> 0, split_part(r.name, ':', 1),
             substr(r.name, length(split_part(r.name, ':', 1)) + length(split_part(r.name, ':', 2)) + 3),
             nullif(split_part(r.name, ':', 2), '0')::int,
             (e.verdict ->> 2)::bigint, (e.verdict ->> 3)::bigint, (e.verdict ->> 4)::bigint, (e.verdict ->> 5)::bigint
      FROM possim.posting p, LATERAL json_array_elements(p.body::json -> 'asked') WITH ORDINALITY AS e(verdict, n),
           LATERAL (SELECT possim.name(e.verdict -> 1, p.regs, p.key) COLLATE "default" AS name) r
      WHERE p.regs IS NOT NULL) v;

-- What each register holds.
CREATE OR REPLACE VIEW possim.registers AS
WITH fresh AS MATERIALIZED (SELECT f.name, f.value FROM possim.fresh f)
SELECT split_part(name, ':', 1) AS kind,
       substr(name, length(split_part(name, ':', 1)) + length(split_part(name, ':', 2)) + 3) AS owner,
       nullif(split_part(name, ':', 2), '0')::int AS day, value
FROM (SELECT f.name, f.value FROM fresh f
      UNION ALL
      SELECT g.name, g.value FROM possim.register g WHERE NOT EXISTS (SELECT FROM fresh f WHERE f.name = g.name)) r
UNION ALL
SELECT 'rest', p.key, NULL, p.rest FROM possim.posting p
WHERE p.rest IS NOT NULL AND NOT EXISTS (SELECT FROM fresh f WHERE f.name = 'rest:0:' || p.key)
  AND NOT EXISTS (SELECT FROM possim.register g WHERE g.name = 'rest:0:' || p.key);
