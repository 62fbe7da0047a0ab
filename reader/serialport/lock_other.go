//go:build !unix

package serialport

// lock does nothing: Windows gives a port to one program at a time.
func lock(string) (unlock func(), err error) { return func() {}, nil }
