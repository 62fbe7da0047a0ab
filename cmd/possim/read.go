package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"possim/reader"
)

// read shows what a reader delivers.
type read struct {
	*app
	reader string
	once   bool
	unsafe bool
	json   bool
	bits   bool
	swiped bool // something on a card was seen, legible or not
}

func (a *app) readCommand() *cobra.Command {
	r := &read{app: a}
	cmd := &cobra.Command{
		Use:   "read",
		Short: "Show what a reader delivers",
		Long: `read shows each card as the reader delivers it, masked, until it is interrupted. A
serial or chip reader may be unplugged and plugged in again meanwhile. A recording ends
it, and so does the end of stdin where that is the reader (keyboard:):
exit 0 when it held at least one swipe, 1 when it held none (silence).

A flux file holds the times between flux reversals in microseconds, one a line; a bits
file 0 and 1, or hexadecimal digits behind 0x. In both # begins a comment, an empty line
another swipe, and a line "track 2" says which track follows (else the content tells, or
?track=2). --bits shows, of a recording, all bits that were made out, those of a
fragment too, the characters among them, and where they break off. What may be part of
a card's number or its secrets is x and *; with --unsafe it shows when the number is a
public test number, or when no whole number is there (a fragment).

Of a chip or a tapped card it shows what the card gives out to whoever asks: its
applications, number and dates, what it can do, its counters and its log of transactions,
and of a transport card the UID and type. It asks for no cryptogram and no PIN, but the
card counts that it was opened (ATC). Take the card out to have it, or the next, read
again. With --once, a card that is taken out too early ends it with exit 4.`,
		Example: `  possim read --reader serial:/dev/ttyUSB0
  possim read --reader keyboard: --once
  possim read --reader pcsc: --once
  possim read --reader wav:swipe.wav --json
  possim read --reader flux:swipe.txt --bits`,
		Args: cobra.NoArgs,
		RunE: a.command(r.run),
	}
	f := cmd.Flags()
	f.StringVar(&r.reader, "reader", "", "the reader: "+readerURLs)
	f.BoolVar(&r.once, "once", false, "stop after the first presentation")
	f.BoolVar(&r.json, "json", false, "one JSON object per presentation")
	f.BoolVar(&r.bits, "bits", false, "show the bits of each track, as far as a recording's decode")
	f.BoolVar(&r.unsafe, "unsafe", false, "show cards of the public test list in clear")
	return cmd
}

func (r *read) run(ctx context.Context, _ []string) error {
	if r.reader == "" {
		return usage("which reader? say --reader URL: %s (possim doctor lists what is attached)", readerURLs)
	}
	source, err := r.openReader(r.reader, true)
	if err != nil {
		return err
	}
	err = r.show(ctx, source)
	return r.end(errors.Join(err, source.Close()))
}

// show prints presentations until the reader has no more, or one is enough.
func (r *read) show(ctx context.Context, source reader.Reader) error {
	for {
		p, err := source.Next(ctx, reader.Ask{})
		if err != nil {
			return err
		}
		seen, cut := present(ctx, p, r.unsafe)
		if r.bits {
			seen = seen.withBits(p, r.unsafe)
		}
		r.swiped = r.swiped || !seen.blank()
		if err := seen.print(r.stdout, r.json); err != nil {
			return err
		}
		if r.once && r.swiped {
			return cut
		}
		if r.once {
			return reader.ErrEnd
		}
	}
}

// end says what the end of a reader means.
func (r *read) end(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, reader.ErrEnd) && r.swiped:
		return nil
	case errors.Is(err, reader.ErrEnd) && typedReader(r.reader):
		return failed("%s: nothing was swiped", r.reader)
	case errors.Is(err, reader.ErrEnd):
		return failed("%s: no swipe in it: silence, or a signal too weak to be a card", r.reader)
	}
	return readerError(err)
}
