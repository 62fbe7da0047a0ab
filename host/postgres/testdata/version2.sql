-- The books that possim made with version 2 of the schema of what upgrade_test.go plays, as pg_dump 15 writes them.
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA possim;
CREATE FUNCTION possim.inverse(posting bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$
  SELECT '[' || string_agg((jsonb_build_object('kind', m.kind, 'owner', m.owner, 'add', -m.amount)
           || CASE WHEN m.day IS NULL THEN '{}' ELSE jsonb_build_object('day', m.day) END)::text, ',' ORDER BY m.n DESC) || ']'
  FROM possim.moves m WHERE m.seq = posting AND m.set_to IS NULL
$$;
CREATE FUNCTION possim.name(kind text, owner text, day text) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT kind || ':' || coalesce(day, '0') || ':' || owner $$;
CREATE FUNCTION possim.post(keys text[], bodies text[], memos bytea[], holds boolean[], undoing text[], saw bigint[], refusals text[], regs text[], g_from integer[], g_rule text[], g_reg integer[], g_add bigint[], g_min bigint[], g_max bigint[], m_from integer[], m_reg integer[], m_add bigint[], m_set boolean[], r_from integer[], r_reg integer[], r_to bigint[], r_json text[], mass bigint, OUT seqs bigint[], OUT refused text[], OUT undo text[], OUT seen bigint[]) RETURNS record
    LANGUAGE plpgsql
    SET jit TO 'off'
    SET enable_seqscan TO 'off'
    SET enable_hashjoin TO 'off'
    SET enable_mergejoin TO 'off'
    SET enable_memoize TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
  big    CONSTANT bigint := 1::bigint << 61;
  n      int := cardinality(keys);
  posted bigint;           -- the last posting
  known  bigint[];         -- by transaction: the posting under its key
  dead   boolean[];        -- its key has a tombstone
  orig   bigint[];         -- the posting it undoes
  undids bigint[];
  owns   boolean[];
  backs  text[];
  raises text[];
  asked  int[];            -- its last guard asked
  b_from int[]; b_reg int[]; b_add bigint[]; -- moves that take back, as m_
  before bigint[];         -- by register: its value,
  v      bigint[];         -- what it is now,
  tids   tid[];            -- and its row
  w      numeric[];
  low bigint; high bigint; plain boolean;
  rule text; outcome text; back boolean; own boolean; raised text;
  r int; x bigint; value bigint; total numeric; passes boolean; lo bigint; hi bigint;
  o record;
BEGIN
  SELECT b.last INTO posted FROM possim.book b FOR UPDATE;
  SELECT array_agg(q.seq), array_agg(q.dead) INTO known, dead FROM (
    SELECT p.seq, (SELECT true FROM possim.posting t WHERE t.undoes = keys[i] AND t.undo = 'unknown' AND t.refused IS NULL LIMIT 1) AS dead
    FROM generate_series(1, n) i LEFT JOIN possim.posting p ON p.key = keys[i] ORDER BY i) q;
  IF undoing IS NOT NULL THEN
    b_from := array_fill(0, ARRAY[n + 1]);
    orig := array_fill(NULL::bigint, ARRAY[n]);
    FOR i IN 1..n LOOP
      IF undoing[i] IS NOT NULL THEN
        SELECT p.seq INTO x FROM possim.posting p WHERE p.key = undoing[i];
        orig[i] := x;
        FOR o IN SELECT possim.name(e.move ->> 'kind', e.move ->> 'owner', e.move ->> 'day') AS name, (e.move ->> 'add')::bigint AS add
                 FROM json_array_elements(possim.inverse(x)::json) WITH ORDINALITY e(move, n) ORDER BY e.n LOOP
          r := array_position(regs, o.name);
          IF r IS NULL THEN
            regs := regs || o.name;
            r := cardinality(regs);
          END IF;
          b_reg := b_reg || r;
          b_add := b_add || o.add;
          mass := least(mass::numeric + abs(o.add), big);
        END LOOP;
      END IF;
      x := coalesce(cardinality(b_reg), 0);
      b_from[i + 1] := x;
    END LOOP;
  END IF;
  SELECT array_agg(q.value), array_agg(q.tid), min(q.value), max(q.value) INTO v, tids, low, high FROM (
    SELECT coalesce(g.value, 0) AS value, g.ctid AS tid
    FROM generate_series(1, cardinality(regs)) i LEFT JOIN possim.register g ON g.name = regs[i] ORDER BY i) q;
  before := v;
  plain := mass < big AND coalesce(low > -big AND high < big, true);
  seqs := array_fill(NULL::bigint, ARRAY[n]);
  undids := seqs;
  refused := array_fill(NULL::text, ARRAY[n]);
  undo := refused; backs := refused; raises := refused;
  owns := array_fill(false, ARRAY[n]);
  seen := array_fill(NULL::bigint, ARRAY[cardinality(g_reg)]);
  asked := g_from;
  FOR i IN 1..n LOOP
    CONTINUE WHEN known[i] IS NOT NULL;
    rule := NULL; outcome := NULL; back := false; own := false; raised := NULL;
    IF undoing IS NOT NULL AND undoing[i] IS NOT NULL THEN
      IF coalesce(orig[i], 0) <> saw[i] THEN
        refused[i] := 'stale';
        CONTINUE;
      END IF;
      IF refusals[i] IS NULL AND dead[i] IS NULL THEN
        outcome := possim.standing(orig[i]);
        back := outcome = 'undone';
        IF NOT back AND m_from[i] < m_from[i + 1] THEN
          rule := 'not-standing';
        END IF;
      END IF;
    END IF;
    posted := posted + 1;
    seqs[i] := posted;
    IF dead[i] THEN
      rule := 'tombstone';
    ELSIF rule IS NULL THEN
      FOR j IN g_from[i] + 1 .. g_from[i + 1] LOOP
        r := g_reg[j]; value := v[r]; x := g_add[j]; lo := g_min[j]; hi := g_max[j];
        IF plain AND NOT back THEN
          passes := (lo IS NULL OR value + x >= lo) AND (hi IS NULL OR value + x <= hi);
        ELSE
          total := value;
          IF back THEN
            FOR b IN b_from[i] + 1 .. b_from[i + 1] LOOP
              IF b_reg[b] = r THEN
                total := total + b_add[b];
              END IF;
            END LOOP;
          END IF;
          value := greatest(least(total, 9223372036854775807), -9223372036854775808);
          passes := (lo IS NULL OR value::numeric + x >= lo) AND (hi IS NULL OR value::numeric + x <= hi);
        END IF;
        seen[j] := value;
        asked[i] := j;
        IF NOT passes THEN
          rule := g_rule[j];
          EXIT;
        END IF;
      END LOOP;
      IF rule IS NOT NULL THEN
        outcome := NULL; back := false;
      ELSE
        own := true;
        IF plain THEN
          IF back THEN
            FOR b IN b_from[i] + 1 .. b_from[i + 1] LOOP
              r := b_reg[b]; x := v[r] + b_add[b]; v[r] := x;
            END LOOP;
          END IF;
          FOR j IN m_from[i] + 1 .. m_from[i + 1] LOOP
            r := m_reg[j];
            x := CASE WHEN m_set[j] THEN m_add[j] ELSE v[r] + m_add[j] END;
            v[r] := x;
          END LOOP;
        ELSE
          w := '{}'; -- what the registers moved would hold: what counts is where each ends
          IF back THEN
            FOR b IN b_from[i] + 1 .. b_from[i + 1] LOOP
              r := b_reg[b]; total := coalesce(w[r], v[r]) + b_add[b]; w[r] := total;
            END LOOP;
          END IF;
          FOR j IN m_from[i] + 1 .. m_from[i + 1] LOOP
            r := m_reg[j];
            total := CASE WHEN m_set[j] THEN m_add[j] ELSE coalesce(w[r], v[r]) + m_add[j] END;
            w[r] := total;
          END LOOP;
          IF EXISTS (SELECT FROM unnest(w) e WHERE e NOT BETWEEN -9223372036854775808 AND 9223372036854775807) THEN
            rule := 'overflow'; outcome := NULL; back := false; own := false;
          ELSE
            FOR j IN coalesce(array_lower(w, 1), 1) .. coalesce(array_upper(w, 1), 0) LOOP
              IF w[j] IS NOT NULL THEN
                x := w[j]; v[j] := x;
              END IF;
            END LOOP;
          END IF;
        END IF;
        rule := coalesce(rule, refusals[i]);
        IF back THEN
          PERFORM possim.topple(orig[i], posted);
          undids[i] := orig[i];
          backs[i] := possim.inverse(orig[i]);
          IF EXISTS (SELECT FROM possim.posting p WHERE p.seq = orig[i] AND p.holds) THEN
            holds[i] := true;
          END IF;
        END IF;
      END IF;
    END IF;
    FOR j IN r_from[i] + 1 .. r_from[i + 1] LOOP
      r := r_reg[j]; x := r_to[j];
      IF v[r] < x THEN
        v[r] := x;
        raised := concat_ws(',', raised, r_json[j]);
      END IF;
    END LOOP;
    IF rule IS NOT NULL THEN refused[i] := rule; END IF;
    IF outcome IS NOT NULL THEN undo[i] := outcome; END IF;
    IF own THEN owns[i] := true; END IF;
    IF raised IS NOT NULL THEN raises[i] := '[' || raised || ']'; END IF;
  END LOOP;
  INSERT INTO possim.posting (seq, key, undoes, undo, undid, refused, own, holds, seen, back, raised, body, memo)
  SELECT seqs[i], keys[i], undoing[i], undo[i], undids[i], refused[i], owns[i], holds[i],
         coalesce(seen[g_from[i] + 1 : asked[i]], '{}'), backs[i], raises[i], bodies[i], memos[i]
  FROM generate_series(1, n) i WHERE seqs[i] IS NOT NULL;
  UPDATE possim.register g SET value = v[i]
  FROM generate_series(1, cardinality(tids)) i WHERE v[i] <> before[i] AND g.ctid = tids[i];
  INSERT INTO possim.register (name, value)
  SELECT regs[i], v[i] FROM generate_series(1, cardinality(tids)) i WHERE tids[i] IS NULL AND v[i] <> 0;
  UPDATE possim.book SET last = posted WHERE last <> posted;
END $$;
CREATE FUNCTION possim.readable(memo bytea) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
  RETURN convert_from(memo, 'UTF8');
EXCEPTION WHEN character_not_in_repertoire OR untranslatable_character THEN
  RETURN encode(memo, 'escape');
END $$;
CREATE FUNCTION possim.standing(posting bigint) RETURNS text
    LANGUAGE plpgsql
    AS $$
DECLARE
  falls boolean := true;
  why   text;
  e     bigint := posting;
BEGIN
  IF e IS NULL THEN
    RETURN 'unknown';
  END IF;
  SELECT p.refused INTO why FROM possim.posting p WHERE p.seq = e;
  IF why IS NOT NULL THEN
    RETURN 'nothing';
  END IF;
  WHILE e IS NOT NULL LOOP
    IF falls AND EXISTS (SELECT FROM possim.undone u WHERE u.seq = e) THEN
      RETURN 'already';
    END IF;
    SELECT p.undid INTO e FROM possim.posting p WHERE p.seq = e;
    falls := NOT falls;
  END LOOP;
  RETURN 'undone';
END $$;
CREATE FUNCTION possim.topple(posting bigint, undoer bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
  falls boolean := true;
  e     bigint := posting;
  fells bigint := undoer;
BEGIN
  WHILE e IS NOT NULL LOOP
    IF falls THEN
      INSERT INTO possim.undone VALUES (e, fells);
    ELSE
      DELETE FROM possim.undone u WHERE u.seq = e;
    END IF;
    fells := e;
    SELECT p.undid INTO e FROM possim.posting p WHERE p.seq = fells;
    falls := NOT falls;
  END LOOP;
END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE possim.register (
    name text NOT NULL COLLATE pg_catalog."C",
    value bigint NOT NULL
)
WITH (fillfactor='50');
CREATE VIEW possim.registers AS
 SELECT split_part(register.name, ':'::text, 1) AS kind,
    substr(register.name, ((length(split_part(register.name, ':'::text, 1)) + length(split_part(register.name, ':'::text, 2))) + 3)) AS owner,
    (NULLIF(split_part(register.name, ':'::text, 2), '0'::text))::integer AS day,
    register.value
   FROM possim.register;
CREATE VIEW possim.balances AS
 SELECT registers.owner,
    sum(registers.value) FILTER (WHERE (registers.kind = 'balance'::text)) AS balance,
    sum(registers.value) FILTER (WHERE (registers.kind = 'hold'::text)) AS hold
   FROM possim.registers
  WHERE (registers.kind = ANY (ARRAY['balance'::text, 'hold'::text]))
  GROUP BY registers.owner;
CREATE TABLE possim.book (
    last bigint NOT NULL
);
CREATE VIEW possim.day_use AS
 SELECT registers.owner,
    registers.day,
    sum(registers.value) FILTER (WHERE (registers.kind = 'day-amount'::text)) AS amount,
    sum(registers.value) FILTER (WHERE (registers.kind = 'day-count'::text)) AS count
   FROM possim.registers
  WHERE (registers.kind = ANY (ARRAY['day-amount'::text, 'day-count'::text]))
  GROUP BY registers.owner, registers.day;
CREATE TABLE possim.posting (
    seq bigint NOT NULL,
    key text NOT NULL COLLATE pg_catalog."C",
    undoes text COLLATE pg_catalog."C",
    undo text,
    undid bigint,
    refused text,
    own boolean NOT NULL,
    holds boolean NOT NULL,
    seen bigint[] NOT NULL,
    back text,
    raised text,
    body text NOT NULL,
    memo bytea NOT NULL
)
WITH (toast_tuple_target='8160');
CREATE VIEW possim.moves AS
 SELECT p.seq,
    (row_number() OVER (PARTITION BY p.seq ORDER BY l.part, e.n) - 1) AS n,
    (e.move ->> 'kind'::text) AS kind,
    (e.move ->> 'owner'::text) AS owner,
    ((e.move ->> 'day'::text))::integer AS day,
    ((e.move ->> 'add'::text))::bigint AS amount,
    ((e.move ->> 'set'::text))::bigint AS set_to
   FROM possim.posting p,
    LATERAL ( VALUES (1,(p.back)::json), (2,
                CASE
                    WHEN p.own THEN ((p.body)::json -> 'moves'::text)
                    ELSE NULL::json
                END), (3,(p.raised)::json)) l(part, moves),
    LATERAL json_array_elements(l.moves) WITH ORDINALITY e(move, n);
CREATE VIEW possim.postings AS
 SELECT p.seq,
    (j.body ->> 'at'::text) AS at,
    ((j.body ->> 'day'::text))::integer AS day,
    p.key,
    p.undoes,
    p.undo,
    p.refused,
    possim.readable(p.memo) AS memo
   FROM possim.posting p,
    LATERAL ( SELECT (p.body)::json AS body) j;
CREATE TABLE possim.setting (
    name text NOT NULL,
    value text NOT NULL
);
CREATE TABLE possim.terminal (
    mid text NOT NULL,
    tid text NOT NULL,
    state text NOT NULL
);
CREATE TABLE possim.undone (
    seq bigint NOT NULL,
    undoer bigint NOT NULL
);
CREATE VIEW possim.verdicts AS
 SELECT p.seq,
    (e.n - 1) AS n,
    (e.verdict ->> 'rule'::text) AS rule,
    (e.verdict ->> 'kind'::text) AS kind,
    (e.verdict ->> 'owner'::text) AS owner,
    ((e.verdict ->> 'day'::text))::integer AS day,
    p.seen[e.n] AS value,
    ((e.verdict ->> 'add'::text))::bigint AS amount,
    ((e.verdict ->> 'min'::text))::bigint AS min,
    ((e.verdict ->> 'max'::text))::bigint AS max,
    (COALESCE((((p.seen[e.n])::numeric + ((e.verdict ->> 'add'::text))::numeric) >= ((e.verdict ->> 'min'::text))::numeric), true) AND COALESCE((((p.seen[e.n])::numeric + ((e.verdict ->> 'add'::text))::numeric) <= ((e.verdict ->> 'max'::text))::numeric), true)) AS ok
   FROM possim.posting p,
    LATERAL json_array_elements(((p.body)::json -> 'why'::text)) WITH ORDINALITY e(verdict, n)
  WHERE (e.n <= cardinality(p.seen));
CREATE TABLE possim.version (
    version integer NOT NULL
);
INSERT INTO possim.book VALUES (11);
INSERT INTO possim.posting VALUES (1, 's1', NULL, NULL, NULL, NULL, true, false, '{0,0}', NULL, '[{"kind":"atc","owner":"card","set":7}]', '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"why":[{"rule":"day","kind":"day-amount","owner":"card","day":20260601,"value":0,"add":300,"max":500,"ok":false},{"rule":"money","kind":"balance","owner":"card","value":0,"add":-300,"min":-1000,"ok":false}],"moves":[{"kind":"balance","owner":"card","add":-300},{"kind":"balance","owner":"shop","add":300},{"kind":"day-amount","owner":"card","day":20260601,"add":300},{"kind":"day-count","owner":"card","day":20260601,"add":1},{"kind":"rest","owner":"s1","add":300}]}', '\x6d656d6f206f66207331');
INSERT INTO possim.posting VALUES (2, 's2', NULL, NULL, NULL, 'day', false, false, '{300}', NULL, NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"why":[{"rule":"day","kind":"day-amount","owner":"card","day":20260601,"value":0,"add":201,"max":500,"ok":false}],"moves":[{"kind":"balance","owner":"card","add":-201},{"kind":"balance","owner":"shop","add":201},{"kind":"day-amount","owner":"card","day":20260601,"add":201}]}', '\x6d656d6f206f66207332');
INSERT INTO possim.posting VALUES (3, 's3', NULL, NULL, NULL, NULL, true, false, '{300}', NULL, NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"why":[{"rule":"day","kind":"day-amount","owner":"card","day":20260601,"value":0,"add":200,"max":500,"ok":false}],"moves":[{"kind":"balance","owner":"card","add":-200},{"kind":"balance","owner":"shop","add":200},{"kind":"day-amount","owner":"card","day":20260601,"add":200},{"kind":"rest","owner":"s3","add":200}]}', '\x6d656d6f206f66207333');
INSERT INTO possim.posting VALUES (4, 'r1', 's1', 'undone', 1, NULL, true, false, '{}', '[{"add": -300, "kind": "rest", "owner": "s1"},{"add": -1, "day": 20260601, "kind": "day-count", "owner": "card"},{"add": -300, "day": 20260601, "kind": "day-amount", "owner": "card"},{"add": -300, "kind": "balance", "owner": "shop"},{"add": 300, "kind": "balance", "owner": "card"}]', NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601}', '\x6d656d6f206f66207231');
INSERT INTO possim.posting VALUES (5, 'w1', 'r1', 'undone', 4, NULL, true, false, '{}', '[{"add": -300, "kind": "balance", "owner": "card"},{"add": 300, "kind": "balance", "owner": "shop"},{"add": 300, "day": 20260601, "kind": "day-amount", "owner": "card"},{"add": 1, "day": 20260601, "kind": "day-count", "owner": "card"},{"add": 300, "kind": "rest", "owner": "s1"}]', NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601}', '\x6d656d6f206f66207731');
INSERT INTO possim.posting VALUES (6, 'v3', 's3', 'undone', 3, NULL, true, false, '{}', '[{"add": -200, "kind": "rest", "owner": "s3"},{"add": -200, "day": 20260601, "kind": "day-amount", "owner": "card"},{"add": -200, "kind": "balance", "owner": "shop"},{"add": 200, "kind": "balance", "owner": "card"}]', NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601}', '\x6d656d6f206f66207633');
INSERT INTO possim.posting VALUES (7, 'r9', 's9', 'unknown', NULL, NULL, true, false, '{}', NULL, NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601}', '\x6d656d6f206f66207239');
INSERT INTO possim.posting VALUES (8, 't1', NULL, NULL, NULL, '55', true, false, '{}', NULL, '[{"kind":"atc","owner":"card","set":9}]', '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"moves":[{"kind":"pin-tries","owner":"card","add":1}]}', '\x6d656d6f206f66207431');
INSERT INTO possim.posting VALUES (9, 't2', NULL, NULL, NULL, NULL, true, false, '{}', NULL, NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"moves":[{"kind":"pin-tries","owner":"card","set":0}]}', '\x6d656d6f206f66207432');
INSERT INTO possim.posting VALUES (10, 'h1', NULL, NULL, NULL, NULL, true, true, '{}', NULL, NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"moves":[{"kind":"balance","owner":"card","add":-50},{"kind":"hold","owner":"card","add":50},{"kind":"rest","owner":"h1","add":50}]}', '\x6d656d6f206f66206831');
INSERT INTO possim.posting VALUES (11, 'f1', NULL, NULL, NULL, NULL, true, false, '{}', NULL, NULL, '{"seq":0,"print":"00000000000000000000000000000000","at":"2026-06-01T01:00:00.123456789Z","day":20260601,"moves":[{"kind":"balance","owner":"shop","add":-100},{"kind":"balance","owner":"card","add":100},{"kind":"rest","owner":"s1","add":-100}]}', '\x6d656d6f206f66206631');
INSERT INTO possim.register VALUES ('day-count:20260601:card', 1);
INSERT INTO possim.register VALUES ('rest:0:s3', 0);
INSERT INTO possim.register VALUES ('day-amount:20260601:card', 300);
INSERT INTO possim.register VALUES ('atc:0:card', 9);
INSERT INTO possim.register VALUES ('pin-tries:0:card', 0);
INSERT INTO possim.register VALUES ('hold:0:card', 50);
INSERT INTO possim.register VALUES ('rest:0:h1', 50);
INSERT INTO possim.register VALUES ('balance:0:shop', 200);
INSERT INTO possim.register VALUES ('balance:0:card', -250);
INSERT INTO possim.register VALUES ('rest:0:s1', 200);
INSERT INTO possim.terminal VALUES ('mid', 'tid', '{"batch":"000007"}');
INSERT INTO possim.undone VALUES (4, 5);
INSERT INTO possim.undone VALUES (3, 6);
INSERT INTO possim.version VALUES (2);
ALTER TABLE ONLY possim.posting
    ADD CONSTRAINT posting_key_key UNIQUE (key);
ALTER TABLE ONLY possim.posting
    ADD CONSTRAINT posting_pkey PRIMARY KEY (seq);
ALTER TABLE ONLY possim.register
    ADD CONSTRAINT register_pkey PRIMARY KEY (name);
ALTER TABLE ONLY possim.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);
ALTER TABLE ONLY possim.terminal
    ADD CONSTRAINT terminal_pkey PRIMARY KEY (mid, tid);
ALTER TABLE ONLY possim.undone
    ADD CONSTRAINT undone_pkey PRIMARY KEY (seq);
CREATE INDEX holding ON possim.posting USING btree (seq) WHERE holds;
CREATE INDEX tombstone ON possim.posting USING btree (undoes) WHERE ((undo = 'unknown'::text) AND (refused IS NULL));
