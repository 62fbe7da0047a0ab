-- The Book's state machine, as package ledger has it in memory: ledger/machine.go and ledger/undo.go.

-- standing says what undoing the posting would come to. Undoing one topples it, which raises what it
-- had itself undone, and so on down: each that would fall must stand.
CREATE FUNCTION possim.standing(posting bigint) RETURNS text LANGUAGE plpgsql AS $$
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

-- topple marks a posting as undone, and follows the alternation down.
CREATE FUNCTION possim.topple(posting bigint, undoer bigint) RETURNS void LANGUAGE plpgsql AS $$
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

-- inverse is what takes back the moves that a posting added, in reverse order, as JSON.
CREATE FUNCTION possim.inverse(posting bigint) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT '[' || string_agg((jsonb_build_object('kind', m.kind, 'owner', m.owner, 'add', -m.amount)
           || CASE WHEN m.day IS NULL THEN '{}' ELSE jsonb_build_object('day', m.day) END)::text, ',' ORDER BY m.n DESC) || ']'
  FROM possim.moves m WHERE m.seq = posting AND m.set_to IS NULL
$$;

-- post decides on transactions in their order and posts them. No two of them may have a key in common
-- that one brings and the other brings or undoes.
--
-- Guards, moves and counters to raise of all transactions stand one after the other in arrays; those
-- of transaction i are numbers from[i]+1 to from[i+1]. A register is a place in the array regs, which
-- names each once. mass is what all numbers come to in size: while it is small nothing can overflow,
-- and sums need no numeric.
--
-- seqs[i] is the posting made of transaction i, NULL where there is none: its key is known, or it is
-- stale, as refused says. seen holds what each guard saw, NULL where it was not asked.
--
-- The settings keep the planner from what is quick while a table is small. A statement must not
-- assign an element of an array that it also reads: PostgreSQL would copy the array.
CREATE FUNCTION possim.post(
  keys text[], bodies text[], memos bytea[], holds boolean[], undoing text[], saw bigint[], refusals text[], regs text[],
  g_from int[], g_rule text[], g_reg int[], g_add bigint[], g_min bigint[], g_max bigint[],
  m_from int[], m_reg int[], m_add bigint[], m_set boolean[],
  r_from int[], r_reg int[], r_to bigint[], r_json text[],
  mass bigint,
  OUT seqs bigint[], OUT refused text[], OUT undo text[], OUT seen bigint[])
LANGUAGE plpgsql
SET jit = off SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_memoize = off
SET plan_cache_mode = force_generic_plan
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
