// Package postgres keeps a ledger.Book in PostgreSQL, so that several hosts share one: one balance,
// one daily limit, one journal.
//
//	store, err := postgres.Open(ctx, "postgres://possim@db1,db2/books?target_session_attrs=read-write", postgres.Options{Sleep: sleep, Limit: limit})
//	r, err := store.Commit(ctx, tx)
//
// # How a transaction gets there
//
// Each Store has a writer. It takes the transactions that wait, all of them and without waiting for
// company, decides on them with ledger's own machine, and hands what became of them to the database as
// arrays in one call of the function possim.append (schema/0003_journal.sql): one round trip and one
// flush for as many as there are. The answers leave when the database has said that it is committed,
// never before.
//
//	Commit --> queue --> decide --> SELECT possim.append(...), committed --> answers
//	Read   --> queue --> SELECT possim.fetch(...), or known
//	Find, Postings <-- SELECT
//
// A row is written for each posting, and no other: beside what was asked it says what the registers it
// moved held afterwards. The table of registers is brought up to date from time to time, for thousands
// of postings at once (possim.fold); what came since is overlaid on it, by the views as by a Store that
// starts.
//
// # What the writer knows
//
// The writer keeps the registers that were moved or read lately, as they are after a certain posting. A
// register that it does not have it asks for, and with it what others have posted since. The batch that
// it decided on is appended only if the book still ends there; possim.append takes the lock of the one
// row of possim.book and looks. So a limit holds to the cent however many hosts spend it.
//
// When somebody else has posted meanwhile, the writer takes its next turns holding the book: it locks
// the row, is told what is new, decides, appends and commits, until it finds itself alone again. One that
// is stopped in the middle of that loses its turn after two seconds.
//
// # Why batches take turns
//
// Batches of all hosts run one after the other. That costs less than it seems, and buys much. All sales
// of a merchant meet on his balance anyway, whatever else they touch, so that finer locks would be waited
// for just as long, would need an order to be taken in, and would end in deadlocks that must be tried
// again. A hot card, or the hot merchant, is in memory and costs what any other does. While one batch is
// flushed the next grows. The numbers of the journal are given out under the same lock, so they have no
// gaps and become visible in their order: who reads behind the last one he saw misses nothing.
//
// # When the database is gone
//
// A call that ends without an answer (a connection lost, a server that stops, one that was a primary
// and is none any more, a serialisation failure) is made again, on a new connection and to whichever
// server of the URL takes writes, a few times over some three seconds. It is the same transactions
// under the same keys, so what was committed unseen is answered as a repeat, and nothing is posted
// twice. When that fails too the callers get an error and the outcome is unknown: they repeat their
// transaction, whenever. A Store does not have to be opened again.
//
// What is committed is as durable as the database makes it: a server with fsync = off, or a failover
// to a standby that is not synchronous, may forget. synchronous_commit = off is overruled.
//
// # The schema
//
// Everything is in the schema possim of the database. Open makes it, brings an older one up to date,
// one host at a time, and refuses a newer one with ErrNewer; hosts of the older version that still run
// then take no more part. People have views, as in package sqlite:
// possim.postings, moves, verdicts, registers, balances and day_use.
//
// A Store also keeps what the registry must not forget of terminals (registry.Store).
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"possim/host/ledger/gather"
)

// What Open may say about a database, beside what the database says.
var (
	ErrNewer   = errors.New("a ledger of a newer version")
	ErrForeign = errors.New("not a possim ledger")
	ErrURL     = errors.New("not the address of a PostgreSQL database")
	ErrClosed  = gather.ErrClosed
)

// Options is the world that a Store waits in.
type Options struct {
	// Sleep waits between two tries. nil does not wait, and so gives up at once when the server is down.
	Sleep func(ctx context.Context, d time.Duration) error
	// Limit bounds one call, so that a server that says nothing is given up. nil waits for ever.
	Limit func(context.Context) (context.Context, context.CancelFunc)
}

// readers is how many connections Find, Read and Postings share.
const readers = 4

// Open opens the ledger in a database, and makes it there when it is new.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrURL, err) // pgx leaves passwords out of it
	}
	config.MaxConns = readers
	config.ConnConfig.RuntimeParams["application_name"] = "possim"
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.PgConn().Exec(ctx, session).ReadAll()
		return err
	}
	o = o.orDefaults()
	if err := migrate(ctx, config.ConnConfig, o); err != nil {
		return nil, fmt.Errorf("postgres: %s: %w", place(config.ConnConfig), err)
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("postgres: %s: %w", place(config.ConnConfig), err)
	}
	s := &Store{Options: o, config: config.ConnConfig, pool: pool, queue: gather.New[look]("postgres: "+place(config.ConnConfig), maxBatch), folding: make(chan fold, 1), foldEvery: foldEvery, cacheSize: cacheSize}
	s.writing.Add(2)
	w := &writer{store: s, batch: s.queue.Batch()}
	go w.run()
	go s.fold()
	return s, nil
}

func (o Options) orDefaults() Options {
	if o.Sleep == nil {
		o.Sleep = func(context.Context, time.Duration) error { return errNoSleep }
	}
	if o.Limit == nil {
		o.Limit = context.WithCancel
	}
	return o
}

var errNoSleep = errors.New("there is no Sleep to wait with")

// Close waits for the transactions under way, then lets go of the database.
func (s *Store) Close() error {
	first := s.queue.Close()
	s.writing.Wait()
	if first {
		s.pool.Close()
	}
	return nil
}

// String says where the ledger is, without the password.
func (s *Store) String() string { return place(s.config) }

func place(c *pgx.ConnConfig) string {
	where := c.Host
	for _, f := range c.Fallbacks {
		if f.Host != where {
			where += "," + f.Host
		}
	}
	return fmt.Sprintf("database %s on %s", c.Database, where)
}

// session sets a connection up. An answer is to mean that it is durable, whatever the database is set
// to; who asked for more than that (remote_apply) keeps it. A batch that waited for its turn must see
// what the one before it did: READ COMMITTED. And a host that loses its power in the middle of a call
// must not keep the others from their turn for longer than it takes to notice: eleven seconds.
const session = `SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
	SELECT set_config('default_transaction_isolation', 'read committed', false),
		set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '2', false), set_config('tcp_keepalives_count', '3', false)`

// planned is for the writer. It keeps the planner from what is quick while a table is small, and a host that
// is stopped in the middle of its turn from stopping the others for longer than two seconds.
const planned = `;
	SELECT set_config('jit', 'off', false), set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false),
		set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false), set_config('enable_memoize', 'off', false),
		set_config('idle_in_transaction_session_timeout', '2s', false)`

// connect opens the connection that a writer keeps.
func connect(ctx context.Context, config *pgx.ConnConfig) (*pgconn.PgConn, error) {
	conn, err := pgconn.ConnectConfig(ctx, &config.Copy().Config)
	if err != nil {
		return nil, err
	}
	_, err = conn.Exec(ctx, session+planned).ReadAll()
	for _, s := range statements {
		if err == nil {
			_, err = conn.Prepare(ctx, s.name, s.sql, s.types)
		}
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}
