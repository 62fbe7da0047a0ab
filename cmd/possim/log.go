package main

import (
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/pflag"
)

// logFlags are the flags of a command that logs.
type logFlags struct{ level string }

func (l *logFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&l.level, "log", "info", "how much to log to stderr: debug, info, warn, error or off")
}

// logger writes to stderr: for people on a terminal, JSON lines anywhere else.
func (a *app) logger(l logFlags) (zerolog.Logger, error) {
	levels := map[string]zerolog.Level{
		"debug": zerolog.DebugLevel, "info": zerolog.InfoLevel, "warn": zerolog.WarnLevel,
		"error": zerolog.ErrorLevel, "off": zerolog.Disabled,
	}
	level, ok := levels[l.level]
	if !ok {
		return zerolog.Nop(), usage("--log %q: want debug, info, warn, error or off", l.level)
	}
	if !isTerminal(a.stderr) {
		return zerolog.New(a.stderr).Level(level).With().Timestamp().Logger(), nil
	}
	console := zerolog.ConsoleWriter{Out: a.stderr, NoColor: !a.colour(a.stderr), TimeFormat: time.TimeOnly}
	return zerolog.New(console).Level(level).With().Timestamp().Logger(), nil
}
