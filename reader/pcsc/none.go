//go:build !(linux || freebsd || netbsd || openbsd || dragonfly)

package pcsc

// dial fails: macOS and Windows have a PC/SC of their own, without pcscd's socket.
func dial() (session, error) { return nil, ErrUnsupported }
