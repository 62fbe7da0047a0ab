package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// SaveTerminal implements registry.Store: it returns once the row is committed.
func (s *Store) SaveTerminal(ctx context.Context, mid, tid, state string) error {
	_, err := rows(ctx, s, "INSERT INTO possim.terminal (mid, tid, state) VALUES ($1, $2, $3) ON CONFLICT (mid, tid) DO UPDATE SET state = excluded.state",
		[]any{mid, tid, state}, func(pgx.Rows) (struct{}, error) { return struct{}{}, nil })
	if err != nil {
		return fmt.Errorf("the terminal was not saved, or the outcome is unknown: %w", err)
	}
	return nil
}

// ReadTerminal implements registry.Shared.
func (s *Store) ReadTerminal(ctx context.Context, mid, tid string) (string, error) {
	found, err := rows(ctx, s, "SELECT state FROM possim.terminal WHERE mid = $1 AND tid = $2", []any{mid, tid}, text)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// SwapTerminal implements registry.Shared. When its answer is lost and the call made again it says that
// nothing was swapped, although it was: its caller looks, and finds what it wanted.
func (s *Store) SwapTerminal(ctx context.Context, mid, tid, old, state string) (bool, error) {
	q, args := "UPDATE possim.terminal SET state = $4 WHERE mid = $1 AND tid = $2 AND state = $3 RETURNING state", []any{mid, tid, old, state}
	if old == "" {
		q, args = "INSERT INTO possim.terminal (mid, tid, state) VALUES ($1, $2, $3) ON CONFLICT (mid, tid) DO NOTHING RETURNING state", []any{mid, tid, state}
	}
	swapped, err := rows(ctx, s, q, args, text)
	if err != nil {
		return false, fmt.Errorf("the terminal was not saved, or the outcome is unknown: %w", err)
	}
	return len(swapped) > 0, nil
}

// text scans a row that is one text.
func text(row pgx.Rows) (v string, err error) { return v, row.Scan(&v) }

// LoadTerminals implements registry.Store.
func (s *Store) LoadTerminals(ctx context.Context, each func(mid, tid, state string) error) error {
	type terminal struct{ mid, tid, state string }
	all, err := rows(ctx, s, "SELECT mid, tid, state FROM possim.terminal ORDER BY mid, tid", nil, func(row pgx.Rows) (t terminal, err error) {
		return t, row.Scan(&t.mid, &t.tid, &t.state)
	})
	if err != nil {
		return err
	}
	for _, t := range all {
		if err := each(t.mid, t.tid, t.state); err != nil {
			return err
		}
	}
	return nil
}

// Settle gives what all hosts have in common a value, unless it has one, and returns the value it has.
func (s *Store) Settle(ctx context.Context, name, value string) (string, error) {
	const q = "WITH new AS (INSERT INTO possim.setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING value) SELECT value FROM new UNION ALL SELECT value FROM possim.setting WHERE name = $1"
	for range 2 { // the one that another host gives it at this moment is seen the second time
		found, err := rows(ctx, s, q, []any{name, value}, text)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return found[0], nil
		}
	}
	return "", fmt.Errorf("postgres: %s: the setting %s cannot be read", s, name)
}
