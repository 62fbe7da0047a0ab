//go:build unix

// Package pgtest runs a PostgreSQL server of its own for tests: Debian's, in a folder of its own,
// behind a Unix socket there, so that it meets no other server and nobody else meets it.
//
//	server, err := pgtest.Start(nil)      // ErrAbsent: skip by name
//	defer server.Stop()
//	url, err := server.Create("books")          // a new database
//	err = server.Kill()                         // as a power cut does
//	err = server.Start()                        // and it recovers
//	used, err := server.CPU()                   // processor time
//	other, err := server.Standby()              // for a failover: server.Kill, other.Promote
//
// The server ends with the process that started it, however that ends.
package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// ErrAbsent is returned where there is no PostgreSQL to start, or nobody who may run it.
var ErrAbsent = errors.New("no PostgreSQL server is installed (Debian: postgresql)")

// Server is a PostgreSQL server under a folder.
type Server struct {
	Dir string // of the data, the socket and the log

	bin   string
	as    *syscall.Credential // nil: whoever we are
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start makes a server with these settings ("fsync=on") and starts it.
func Start(settings ...string) (*Server, error) {
	s := &Server{}
	var err error
	if s.bin, err = installed(); err != nil {
		return nil, err
	}
	if s.as, err = unprivileged(); err != nil {
		return nil, err
	}
	if s.Dir, err = os.MkdirTemp("", "possim-postgres-"); err != nil {
		return nil, err
	}
	if err := s.initialise(settings); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Dir))
	}
	if err := s.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(s.Dir))
	}
	return s, nil
}

// installed finds PostgreSQL's own programs, which Debian keeps off the PATH: the newest.
func installed() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		if path, err = filepath.EvalSymlinks(path); err == nil {
			return filepath.Dir(path), nil
		}
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", ErrAbsent
	}
	return filepath.Dir(slices.Max(found)), nil
}

// unprivileged is who runs the server: it refuses to be root's, and Debian makes a user for it.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("%w: root may not run it, and there is no user postgres", ErrAbsent)
	}
	uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
	gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, errors.Join(err1, err2)
}

// initialise makes the data. What it holds is thrown away: it need not be flushed, unless settings say so.
func (s *Server) initialise(settings []string) error {
	if s.as != nil {
		if err := os.Chown(s.Dir, int(s.as.Uid), int(s.as.Gid)); err != nil {
			return err
		}
	}
	if err := s.shell(`"$1"/initdb -D "$2"/data -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2"/log 2>&1 || { cat "$2"/log >&2; exit 1; }`); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(s.Dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "listen_addresses = ''\nunix_socket_directories = '%s'\nfsync = off\n%s\n", s.Dir, strings.Join(settings, "\n"))
	return errors.Join(err, f.Close())
}

// Start starts the server, or starts it again, and returns when it takes connections.
//
// A shell stands between: it stops the server when its standard input ends, which it does when this
// process does. A server that was killed leaves processes for a moment, for which the shell waits.
func (s *Server) Start() error {
	cmd := s.command(`for i in $(seq 100); do "$1"/pg_ctl -w -s -D "$2"/data -l "$2"/log start && break; sleep 0.1; done
		echo started; cat >/dev/null; "$1"/pg_ctl -s -m immediate -D "$2"/data stop 2>/dev/null`)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "started\n" {
		return errors.Join(fmt.Errorf("PostgreSQL did not start, its log is %s/log: %w", s.Dir, err), stdin.Close(), cmd.Wait())
	}
	s.cmd, s.stdin = cmd, stdin
	return nil
}

// Standby makes a second server that follows this one. From then on a commit here is one there, and
// waits for that.
func (s *Server) Standby() (*Server, error) {
	b := &Server{bin: s.bin, as: s.as}
	var err error
	if b.Dir, err = os.MkdirTemp("", "possim-standby-"); err != nil {
		return nil, err
	}
	if s.as != nil {
		err = os.Chown(b.Dir, int(s.as.Uid), int(s.as.Gid))
	}
	if err == nil {
		err = b.shell(`"$1"/pg_basebackup -D "$2"/data -d '` + s.URL("postgres") + `' -R -c fast && echo "unix_socket_directories = '$2'" >>"$2"/data/postgresql.conf`)
	}
	if err == nil {
		err = b.Start()
	}
	if err == nil {
		err = errors.Join(s.SQL("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'"), s.SQL("postgres", "SELECT pg_reload_conf()"))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(b.Dir))
	}
	return b, nil
}

// Promote makes a standby take writes.
func (s *Server) Promote() error { return s.shell(`"$1"/pg_ctl -s -w -D "$2"/data promote`) }

// Stop ends the server and removes all of it.
func (s *Server) Stop() error {
	_ = s.halt() // a server that was killed has nothing to stop
	return os.RemoveAll(s.Dir)
}

// halt lets the shell stop the server, and waits for it.
func (s *Server) halt() error {
	if s.cmd == nil {
		return nil
	}
	err := errors.Join(s.stdin.Close(), s.cmd.Wait())
	s.cmd = nil
	return err
}

// Kill kills every process of the server at once, as a power cut does.
func (s *Server) Kill() error {
	postmaster, err := s.postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(postmaster, syscall.SIGSTOP); err != nil { // it would clear up behind its children
		return err
	}
	for _, child := range children(postmaster) {
		_ = syscall.Kill(child, syscall.SIGKILL) // one that has ended meanwhile is as good
	}
	err = syscall.Kill(postmaster, syscall.SIGKILL)
	_ = s.halt() // the shell finds nothing to stop
	return err
}

// postmaster is the process that all others are children of.
func (s *Server) postmaster() (int, error) {
	first, err := os.ReadFile(filepath.Join(s.Dir, "data", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(first), "\n")
	return strconv.Atoi(line)
}

// children lists the processes that a process started (proc(5): the fourth word of stat, behind the
// name in brackets).
func children(parent int) (all []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		pid, err := strconv.Atoi(strings.Split(path, "/")[2])
		if err == nil && len(words) > 1 && words[1] == strconv.Itoa(parent) {
			all = append(all, pid)
		}
	}
	return all
}

// CPU is the processor time that the server has used: all of its processes, those that ended included
// (proc(5): words 14 to 17 of stat, in hundredths of a second).
func (s *Server) CPU() (time.Duration, error) {
	postmaster, err := s.postmaster()
	if err != nil {
		return 0, err
	}
	ticks := 0
	for _, pid := range append(children(postmaster), postmaster) {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended, and is in its parent's sum
		}
		words := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for i := 11; i < 15 && i < len(words) && (i < 13 || pid == postmaster); i++ {
			n, err := strconv.Atoi(words[i])
			if err != nil {
				return 0, err
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// URL names a database of the server.
func (s *Server) URL(database string) string {
	return "postgres:///" + database + "?" + url.Values{"host": {s.Dir}, "user": {"postgres"}}.Encode()
}

// Create makes a new database and returns its URL.
func (s *Server) Create(database string) (string, error) {
	return s.URL(database), s.SQL("postgres", `CREATE DATABASE "`+database+`"`)
}

// SQL runs statements in a database with psql, which nobody here wrote.
func (s *Server) SQL(database, statements string) error {
	_, err := s.Ask(database, statements)
	return err
}

// Ask runs statements and returns the rows, a line each, columns between "|".
func (s *Server) Ask(database, statements string) (string, error) {
	cmd := exec.Command(filepath.Join(s.bin, "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", s.URL(database), "-c", statements)
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("psql: %s", exit.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

// command runs a script as the server's user; $1 is where the programs are, $2 the folder.
func (s *Server) command(script string) *exec.Cmd {
	cmd := exec.Command("/bin/sh", "-c", script, "sh", s.bin, s.Dir)
	cmd.Dir = s.Dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.as}
	return cmd
}

func (s *Server) shell(script string) error {
	if out, err := s.command(script).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w", out, err)
	}
	return nil
}
