package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"possim/emulator"
)

// stateVersion is the layout of a state file; another one is refused, not guessed at.
const stateVersion = 1

// stateFile is where a terminal's State survives a power cut: one file per host
// and TID, owned by one process at a time (RULES: the terminal).
type stateFile struct {
	path string
	lock *os.File
	host string
	tid  string
}

// stateContent is what a state file holds.
type stateContent struct {
	Version int            `json:"possim_state"`
	Host    string         `json:"host"`
	TID     string         `json:"tid"`
	State   emulator.State `json:"state"`
}

// stateDir is the default of --state: $XDG_STATE_HOME/possim, or ~/.local/state/possim.
func (a *app) stateDir() (string, error) {
	if dir := a.env("XDG_STATE_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "possim"), nil
	}
	for _, home := range []string{a.env("HOME"), a.env("USERPROFILE")} {
		if home != "" {
			return filepath.Join(home, ".local", "state", "possim"), nil
		}
	}
	return "", errors.New("no home directory to keep the terminal's state in: say --state DIR")
}

// sameHost gives this machine one name, however it was spelt: a terminal with two
// states towards one host would use its STANs twice.
func sameHost(host string) string {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		return host
	}
	if ip := net.ParseIP(name); name == "localhost" || name == "" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return strings.ToLower(host)
}

// openState locks the state of a terminal in dir, or where it is kept by default.
func (a *app) openState(dir, host, tid string) (*stateFile, error) {
	if dir == "" {
		var err error
		if dir, err = a.stateDir(); err != nil {
			return nil, badWorld(err)
		}
	}
	file, err := openState(dir, host, tid, a.now())
	if err != nil {
		return nil, badWorld(err)
	}
	return file, nil
}

// openState locks the state of one terminal towards one host. A process that
// holds it already is named in the error.
func openState(dir, host, tid string, now time.Time) (*stateFile, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the state directory: %w", err)
	}
	host = sameHost(host)
	path := filepath.Join(dir, url.QueryEscape(host)+"-"+url.QueryEscape(tid)+".json")
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the state's lock: %w", err)
	}
	if err := tryLock(lock); err != nil {
		who, _ := os.ReadFile(path + ".lock")
		lock.Close()
		if !errors.Is(err, errLocked) {
			return nil, fmt.Errorf("%s.lock: %w", path, err)
		}
		return nil, fmt.Errorf("terminal %s is in use towards %s by %s; wait for it, or use another --tid or --state (%s)",
			tid, host, strings.TrimSpace(string(who)), path)
	}
	me := fmt.Sprintf("process %d since %s\n", os.Getpid(), now.Format(time.RFC3339))
	if err := errors.Join(lock.Truncate(0), writeAt(lock, me)); err != nil {
		lock.Close()
		return nil, fmt.Errorf("the state's lock: %w", err)
	}
	return &stateFile{path: path, lock: lock, host: host, tid: tid}, nil
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}

// load returns the saved state; the zero State when there is none yet. A file that
// cannot be read is an error and stays as it is: it may hold a reversal.
func (s *stateFile) load() (emulator.State, error) {
	data, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return emulator.State{}, nil
	}
	if err != nil {
		return emulator.State{}, badWorld(err)
	}
	var content stateContent
	reader := json.NewDecoder(bytes.NewReader(data))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&content); err != nil {
		line, column := place(data, reader.InputOffset())
		return emulator.State{}, badFile(fmt.Errorf(
			"%s:%d:%d: not a terminal state: %w; it may hold a reversal that is not sent yet, so move it away only when the books are settled",
			s.path, line, column, err))
	}
	if content.Version != stateVersion {
		return emulator.State{}, badFile(fmt.Errorf("%s:1:1: written by another version of possim (layout %d, this one reads %d)",
			s.path, content.Version, stateVersion))
	}
	return content.State, nil
}

// save makes the state durable: on return it survives a power cut.
func (s *stateFile) save(state emulator.State) error {
	data, err := json.MarshalIndent(stateContent{stateVersion, s.host, s.tid, state}, "", "  ")
	if err != nil {
		return fmt.Errorf("the terminal's state: %w", err)
	}
	return replaceFile(s.path, append(data, '\n'), 0o600)
}

// close lets the next process have the state.
func (s *stateFile) close() error { return s.lock.Close() }

// place turns an offset into a line and a column, both from 1.
func place(data []byte, offset int64) (line, column int) {
	before := data[:min(max(offset, 0), int64(len(data)))]
	line = 1 + bytes.Count(before, []byte("\n"))
	return line, len(before) - bytes.LastIndexByte(before, '\n')
}
