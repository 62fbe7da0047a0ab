package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// typing is stdin for whoever reads it next: the till's questions and a keyboard:
// reader share it. Who reads is a goroutine of its own, since nothing can interrupt a
// read of a terminal; it is one piece ahead at most.
type typing struct {
	in     io.Reader
	now    func() time.Time
	pieces chan piece
	left   piece // what came and was not for whom it came to
	err    error // of the last read: nothing comes any more
}

// piece is what one read gave, and when.
type piece struct {
	bytes []byte
	at    time.Time
	err   error
}

// typing returns the one reader of stdin.
func (a *app) typing() *typing {
	if a.keys == nil {
		a.keys = &typing{in: a.stdin, now: a.now}
	}
	return a.keys
}

// next waits for a piece until ctx ends or, where wait is more than 0, until wait has
// passed: then it is empty.
func (s *typing) next(ctx context.Context, wait time.Duration) (piece, error) {
	if len(s.left.bytes) > 0 {
		p := s.left
		s.left = piece{}
		return p, nil
	}
	if s.err != nil {
		return piece{}, s.err
	}
	if s.pieces == nil {
		s.pieces = make(chan piece)
		go s.read(s.pieces)
	}
	var late <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case <-ctx.Done():
		return piece{}, ctx.Err()
	case <-late:
		return piece{}, nil
	case p := <-s.pieces:
		s.err = p.err
		return p, p.err
	}
}

func (s *typing) read(pieces chan<- piece) {
	for {
		b := make([]byte, 4096)
		n, err := s.in.Read(b)
		if n > 0 {
			pieces <- piece{bytes: b[:n], at: s.now()}
		}
		if err != nil {
			pieces <- piece{err: err}
			return
		}
	}
}

// line waits for a line.
func (s *typing) line(ctx context.Context) (string, error) {
	var line []byte
	for {
		p, err := s.next(ctx, 0)
		if err != nil {
			if errors.Is(err, io.EOF) && len(line) > 0 {
				err = nil
			}
			return strings.TrimSpace(string(line)), err
		}
		if head, tail, ends := bytes.Cut(p.bytes, []byte{'\n'}); ends {
			s.left = piece{bytes: tail, at: p.at}
			return strings.TrimSpace(string(append(line, head...))), nil
		}
		line = append(line, p.bytes...)
	}
}
