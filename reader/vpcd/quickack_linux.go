package vpcd

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// quickAck has the kernel acknowledge what comes next at once. Linux forgets it after a
// while, so it is asked before each read; without it a command takes some 45 ms more.
func quickAck(conn net.Conn) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_QUICKACK, 1) })
}
