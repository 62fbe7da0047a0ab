package postgres

import (
	"context"
	"embed"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
)

// migrations are the steps from an empty database to this version, in the order of their names. One
// that was released is not changed: another is added.
//
//go:embed schema/*.sql
var migrations embed.FS

// migrationLock is an advisory lock: two hosts that start at once do not both migrate ("posl" in ASCII).
const migrationLock = 0x706f736c

// migrate brings the schema up to date, all steps in one transaction.
func migrate(ctx context.Context, config *pgx.ConnConfig, o Options) error {
	return o.persist(ctx, false, func(ctx context.Context) error {
		ctx, cancel := o.Limit(ctx)
		defer cancel()
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error { return upgrade(ctx, tx) })
	})
}

func upgrade(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", migrationLock); err != nil {
		return err
	}
	steps, err := fs.Glob(migrations, "schema/*.sql")
	if err != nil {
		return err
	}
	at, err := version(ctx, tx)
	if err != nil {
		return err
	}
	if at > len(steps) {
		return fmt.Errorf("%w (%d, this program knows %d): use the newer possim; it was not changed", ErrNewer, at, len(steps))
	}
	for _, name := range steps[at:] {
		step, err := migrations.ReadFile(name)
		if err == nil {
			_, err = tx.Exec(ctx, string(step))
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	if at == len(steps) {
		return nil
	}
	_, err = tx.Exec(ctx, "UPDATE possim.version SET version = $1", len(steps))
	return err
}

// version reads how many steps were taken, and makes the place for the number where there is none.
func version(ctx context.Context, tx pgx.Tx) (at int, err error) {
	var schema, table bool
	var encoding string
	err = tx.QueryRow(ctx, "SELECT to_regnamespace('possim') IS NOT NULL, to_regclass('possim.version') IS NOT NULL, current_setting('server_encoding')").Scan(&schema, &table, &encoding)
	switch {
	case err != nil:
		return 0, err
	case encoding != "UTF8":
		return 0, fmt.Errorf("%w: its encoding is %s: create a database WITH ENCODING 'UTF8' TEMPLATE template0", ErrForeign, encoding)
	case table:
		return at, tx.QueryRow(ctx, "SELECT version FROM possim.version").Scan(&at)
	case schema:
		return 0, fmt.Errorf("%w: its schema possim is somebody else's: name another database; it was not changed", ErrForeign)
	}
	_, err = tx.Exec(ctx, "CREATE SCHEMA possim; CREATE TABLE possim.version (version int NOT NULL); INSERT INTO possim.version VALUES (0)")
	return 0, err
}
