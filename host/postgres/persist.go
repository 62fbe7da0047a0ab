package postgres

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// pauses are the waits between tries: a dropped connection is made anew at once, a failover takes a
// while, and a terminal does not wait much longer than all of them together.
var pauses = []time.Duration{
	time.Millisecond, 10 * time.Millisecond, 50 * time.Millisecond, 150 * time.Millisecond,
	300 * time.Millisecond, 500 * time.Millisecond, time.Second, time.Second,
}

// persist tries until it gets an answer, or the pauses are over; once tries once.
func (o Options) persist(ctx context.Context, once bool, try func(context.Context) error) error {
	for i := 0; ; i++ {
		err := try(ctx)
		if err == nil || once || i == len(pauses) || !again(err) || ctx.Err() != nil {
			return err
		}
		if o.Sleep(ctx, pauses[i]) != nil {
			return err
		}
	}
}

// again reports whether a call may be answered when it is made once more. What the server says of the
// call itself it will say again; what it says of the moment, or does not say, may pass.
func again(err error) bool {
	var refused *pgconn.PgError
	switch {
	case errors.Is(err, errAnswer) || errors.Is(err, errArray) || errors.Is(err, ErrNewer) || errors.Is(err, ErrForeign):
		return false
	case !errors.As(err, &refused):
		return true
	}
	switch refused.Code { // PostgreSQL's appendix A
	case "40001", "40P01", // serialisation failure, deadlock
		"25006",                   // read-only: a primary that is none any more
		"25P03",                   // stopped for too long in the middle of a turn
		"55P03",                   // lock not available
		"57P01", "57P02", "57P03": // shutting down, crashed, starting
		return true
	}
	class := refused.Code[:min(2, len(refused.Code))]
	return strings.Contains("08 53 58", class) && class != "" // connection, resources, input and output
}
