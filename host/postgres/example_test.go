package postgres_test

import (
	"context"
	"errors"
	"fmt"

	"possim/host/postgres"
)

// A file name is no address, and a server that does not answer says which one it was.
func ExampleOpen() {
	_, err := postgres.Open(context.Background(), "postgres://books.db:port", postgres.Options{})
	fmt.Println(errors.Is(err, postgres.ErrURL))
	_, err = postgres.Open(context.Background(), "postgres://possim:secret@127.0.0.1:1/books", postgres.Options{})
	fmt.Println(err.Error()[:len("postgres: database books on 127.0.0.1")])
	// Output:
	// true
	// postgres: database books on 127.0.0.1
}
