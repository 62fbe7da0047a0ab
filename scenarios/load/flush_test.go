//go:build !linux

package load_test

import (
	"os"
	"time"
)

func fdatasync(f *os.File) error { return f.Sync() }

func cpu() time.Duration { return 0 } // not measured here
