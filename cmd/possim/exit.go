package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"possim/reader/card"
)

// The exit codes (DESIGN: the command line). Scripts rely on them.
const (
	exitOK          = 0
	exitFailed      = 1   // an expectation failed, a sale was not approved
	exitUsage       = 2   // the command line is wrong
	exitFile        = 3   // a file or a message is wrong
	exitWorld       = 4   // the environment is: port, reader, host, database
	exitInterrupted = 130 // 128 + SIGINT, as shells do
)

// exitError is an error that knows its exit code. With a nil err the command has
// already said what there is to say.
type exitError struct {
	code int
	err  error
}

func (e exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e exitError) Unwrap() error { return e.err }

func usage(format string, args ...any) error {
	return exitError{exitUsage, fmt.Errorf(format, args...)}
}

func badFile(err error) error  { return exitError{exitFile, err} }
func badWorld(err error) error { return exitError{exitWorld, err} }

func failed(format string, args ...any) error {
	return exitError{exitFailed, fmt.Errorf(format, args...)}
}

// exit says err on stderr and returns its code. An error nobody classified is one
// of usage as long as no command has begun, and one of the environment afterwards.
func (a *app) exit(ctx context.Context, err error) int {
	if err == nil {
		return exitOK
	}
	var typed exitError
	known := errors.As(err, &typed)
	switch {
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	case known && typed.err == nil:
		return typed.code
	}
	code := exitUsage
	switch {
	case known:
		code = typed.code
	case a.running:
		code = exitWorld
	}
	text := "possim: " + err.Error()
	if code == exitFile {
		text = err.Error() // begins with file:line:column, which editors jump to
	}
	switch code {
	case exitUsage:
		text = digits.ReplaceAllStringFunc(text, hide) // cobra repeats what was typed
	case exitWorld:
		text = pans.ReplaceAllStringFunc(text, card.Mask) // so does the system, of paths
	}
	fmt.Fprintln(a.stderr, text)
	return code
}

// digits is what may be a card number, part of a track or a key.
var digits = regexp.MustCompile(`[0-9A-Fa-f]{13,}`)

// pans is what may be a card number alone: a path may hold what looks like a key.
var pans = regexp.MustCompile(`[0-9]{13,}`)

// hide shows of a card number what may be shown, and of a key nothing.
func hide(digits string) string {
	if len(digits) > 19 || strings.Trim(digits, "0123456789") != "" {
		return "****"
	}
	return card.Mask(digits)
}
