package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"possim/reader"
	"possim/reader/card"
	"possim/reader/magstripe"
	"possim/reader/protocol"
	"possim/reader/serialport"
)

// writeCard puts data on a real stripe, or takes it off.
type writeCard struct {
	*app
	reader     string
	data       [3]string
	card       string
	erase      []int
	coercivity string
	verify     bool
	yes        bool
	unsafe     bool
	info       bool
	json       bool
}

func (a *app) writeCommand() *cobra.Command {
	w := &writeCard{app: a}
	cmd := &cobra.Command{
		Use:   "write",
		Short: "Write or erase the stripe of a card with an attached writer",
		Long: `write has a writer of the MSR605, MSR606 and MSR206 family write tracks on a card, or
erase some. It reads the card first and says what it would overwrite, and asks before
it does; with --yes it does not ask. Tracks that are not named stay as they are.

It writes test cards: a number that is on no public list of test numbers is neither
written nor overwritten without --unsafe. Exit 1 when nothing was written, or it does
not read back.`,
		Example: `  possim write --reader 'serial:/dev/ttyUSB0?protocol=msr605' --info
  possim write --reader 'serial:/dev/ttyUSB0?protocol=msr605' --card good --coercivity high --verify
  possim write --reader 'serial:/dev/ttyUSB0?protocol=msr605' --erase 1,2,3`,
		Args: cobra.NoArgs,
		RunE: a.command(w.run),
	}
	f := cmd.Flags()
	f.StringVar(&w.reader, "reader", "", "the writer: serial:PATH?protocol=msr605")
	f.StringVar(&w.data[0], "track1", "", "data for track 1 with its sentinels, %...?")
	f.StringVar(&w.data[1], "track2", "", "data for track 2 with its sentinels, ;...?")
	f.StringVar(&w.data[2], "track3", "", "data for track 3 with its sentinels, ;...?")
	f.StringVar(&w.card, "card", "", "a card of the catalog, in place of tracks")
	f.IntSliceVar(&w.erase, "erase", nil, "tracks to erase, such as 1,3")
	f.StringVar(&w.coercivity, "coercivity", "", "of the stripe: high or low (default what the writer is set to)")
	f.BoolVar(&w.verify, "verify", false, "read the card once more and compare")
	f.BoolVar(&w.yes, "yes", false, "do not ask")
	f.BoolVar(&w.unsafe, "unsafe", false, "write, overwrite or erase a number that is on no list of test numbers")
	f.BoolVar(&w.info, "info", false, "say which writer it is, and write nothing")
	f.BoolVar(&w.json, "json", false, "print the result as JSON")
	offers(cmd, "coercivity", "high", "low")
	return cmd
}

func (w *writeCard) run(ctx context.Context, _ []string) error {
	tracks, err := w.wanted()
	if err != nil {
		return err
	}
	config, err := serialport.ParseURL(w.reader)
	if err != nil {
		return usage("--%w", err)
	}
	port, err := serialport.OpenWriter(ctx, config)
	var wrong *serialport.URLError
	switch {
	case errors.As(err, &wrong):
		return usage("--%w", err)
	case err != nil:
		return badWorld(err)
	}
	if w.info {
		err = w.tell(ctx, port)
	} else {
		err = w.write(ctx, port, tracks)
	}
	return errors.Join(err, port.Close())
}

// wanted is what is to be on the card; it refuses what may not be.
func (w *writeCard) wanted() (tracks [3]card.TrackData, err error) {
	switch {
	case w.reader == "":
		return tracks, usage("which writer? say --reader serial:PATH?protocol=msr605 (possim doctor lists the ports)")
	case w.info:
		return tracks, nil
	case w.coercivity != "" && w.coercivity != "high" && w.coercivity != "low":
		return tracks, usage("--coercivity %s: want high or low", w.coercivity)
	case w.card == "" && strings.Join(w.data[:], "") == "" && len(w.erase) == 0:
		return tracks, usage("what is to be written? say --track1, --track2, --track3 or --card, or what to --erase")
	case !w.yes && !isTerminal(w.stdin):
		return tracks, usage("nobody to ask before a card is overwritten: say --yes to do without")
	}
	for _, n := range w.erase {
		if n < 1 || n > 3 {
			return tracks, usage("--erase %d: want tracks from 1 to 3", n)
		}
	}
	if w.card != "" || strings.Join(w.data[:], "") != "" {
		if tracks, err = tracksOf(w.data, w.card); err != nil {
			return tracks, err
		}
	}
	for i, t := range tracks {
		if t != "" && slices.Contains(w.erase, i+1) {
			return tracks, usage("track %d is to be written and erased: say one of the two", i+1)
		}
		if pan, foreign := foreignNumber(i, t); foreign && !w.unsafe {
			return tracks, usage("track %d would hold %v, which is on no list of test numbers: --unsafe writes it all the same", i+1, pan)
		}
	}
	return tracks, nil
}

// tracksOf is the data of given tracks, or those of a card of the catalog, bare.
func tracksOf(data [3]string, name string) (tracks [3]card.TrackData, err error) {
	if name != "" {
		c, err := catalogCard(name)
		if err != nil {
			return tracks, err
		}
		tracks[0], tracks[1], err = c.Tracks()
		return tracks, err
	}
	for i, text := range data {
		start := ";"
		if i == 0 {
			start = "%"
		}
		switch {
		case text == "":
			continue
		case len(text) < 3 || !strings.HasPrefix(text, start) || !strings.HasSuffix(text, "?"):
			return tracks, usage("--track%d: want its sentinels, %s...?", i+1, start)
		}
		tracks[i] = card.TrackData(text[1 : len(text)-1])
	}
	return tracks, nil
}

// longNumber is what may be a card number in a track that is none as a whole.
var longNumber = regexp.MustCompile(`[0-9]{12,}`)

// foreignNumber reports whether a track has a number that is no test card's. A track that
// reads as no payment card's, but has as many digits as a number, counts.
func foreignNumber(track int, t card.TrackData) (pan card.PAN, foreign bool) {
	var parts [3]card.TrackData
	parts[track] = t
	if id, err := card.Identify(parts[0], parts[1], parts[2]); err == nil {
		return id.PAN, !card.IsTest(id.PAN)
	}
	for _, run := range longNumber.FindAllString(t.Reveal(), -1) {
		if pan := card.PAN(run); !card.IsTest(pan) {
			return pan, true
		}
	}
	return "", false
}

// tell says which writer it is.
func (w *writeCard) tell(ctx context.Context, port *serialport.Writer) error {
	model, err := port.Do(ctx, protocol.WriterModel())
	if err != nil {
		return readerError(err)
	}
	version, err := port.Do(ctx, protocol.WriterVersion())
	if err != nil {
		return readerError(err)
	}
	if w.json {
		return json.NewEncoder(w.stdout).Encode(map[string]string{"model": model.Text, "version": version.Text})
	}
	_, err = fmt.Fprintf(w.stdout, "model %s  version %s\n", model.Text, version.Text)
	return err
}

// write reads the card, asks, writes and erases, and reads it again.
func (w *writeCard) write(ctx context.Context, port *serialport.Writer, tracks [3]card.TrackData) error {
	before, err := w.look(ctx, port, "Swipe the card: it is read before anything is written.")
	if err != nil {
		return err
	}
	if err := w.agree(ctx, before, tracks); err != nil {
		return err
	}
	for _, c := range w.commands(tracks) {
		if err := c.err; err != nil {
			return usage("%w", err)
		}
		if c.command.Card {
			fmt.Fprintf(w.stderr, "Swipe the card to %s.\n", c.command.Name)
		}
		if _, err := port.Do(ctx, c.command); err != nil {
			_, _ = port.Do(ctx, protocol.WriterLED(protocol.LEDRed))
			if c.command.Card && ctx.Err() == nil && !errors.Is(err, reader.ErrGone) {
				return failed("%s: %w", c.command.Name, err)
			}
			return readerError(err)
		}
	}
	if w.verify {
		if err := w.compare(ctx, port, before, tracks); err != nil {
			return err
		}
	}
	_, _ = port.Do(ctx, protocol.WriterLED(protocol.LEDGreen))
	return w.report(before, tracks)
}

// writeStep is a command, or why there is none.
type writeStep struct {
	command protocol.WriterCommand
	err     error
}

func (w *writeCard) commands(tracks [3]card.TrackData) (steps []writeStep) {
	if w.coercivity != "" {
		steps = append(steps, writeStep{command: protocol.WriterCoercivity(w.coercivity == "high")})
	}
	if tracks != [3]card.TrackData{} {
		c, err := protocol.WriteTracks(tracks)
		steps = append(steps, writeStep{c, err})
	}
	if len(w.erase) > 0 {
		var chosen [3]bool
		for _, n := range w.erase {
			chosen[n-1] = true
		}
		steps = append(steps, writeStep{command: protocol.EraseTracks(chosen)})
	}
	return steps
}

// look reads the card.
func (w *writeCard) look(ctx context.Context, port *serialport.Writer, text string) (*reader.Swipe, error) {
	fmt.Fprintln(w.stderr, text)
	a, err := port.Do(ctx, protocol.ReadTracks())
	switch {
	case errors.Is(err, protocol.ErrWriteFailed):
		return nil, failed("%w", err)
	case err != nil:
		return nil, readerError(err)
	}
	return a.Swipe, nil
}

// touched reports whether track i, from 0, is written or erased.
func (w *writeCard) touched(i int, tracks [3]card.TrackData) bool {
	return tracks[i] != "" || slices.Contains(w.erase, i+1)
}

// agree names what would be lost, refuses to overwrite what is no test card, and asks.
func (w *writeCard) agree(ctx context.Context, before *reader.Swipe, tracks [3]card.TrackData) error {
	for i, t := range before.Tracks {
		if !w.touched(i, tracks) {
			continue
		}
		pan, foreign := foreignNumber(i, t.Data)
		fmt.Fprintf(w.stderr, "track %d: %s\n", i+1, onTrack(t, pan, i))
		if foreign && !w.unsafe {
			return failed("track %d of the card has %v, which is on no list of test numbers: nothing was written; --unsafe overwrites it", i+1, pan)
		}
	}
	if w.yes {
		return nil
	}
	fmt.Fprint(w.stderr, "Overwrite that? [y/N] ")
	line, err := readLine(ctx, w.stdin)
	if err != nil {
		return err
	}
	if answer := strings.ToLower(strings.TrimSpace(line)); answer != "y" && answer != "yes" {
		return failed("nothing was written")
	}
	return nil
}

// onTrack says what would be lost.
func onTrack(t reader.Track, pan card.PAN, i int) string {
	if pan == "" && t.Data != "" {
		var parts [3]card.TrackData
		parts[i] = t.Data
		if id, err := card.Identify(parts[0], parts[1], parts[2]); err == nil {
			pan = id.PAN
		}
	}
	switch {
	case t.Status == magstripe.StatusBlank:
		return "nothing on it"
	case t.Status != magstripe.StatusOK:
		return "something that does not read"
	case pan == "":
		return fmt.Sprintf("%d characters that are no payment card's", len(t.Data))
	}
	return pan.String()
}

// compare reads the card and holds it against what is to be on it.
func (w *writeCard) compare(ctx context.Context, port *serialport.Writer, before *reader.Swipe, tracks [3]card.TrackData) error {
	after, err := w.look(ctx, port, "Swipe the card once more, to compare.")
	if err != nil {
		return err
	}
	for i, got := range after.Tracks {
		want := tracks[i]
		if !w.touched(i, tracks) {
			want = before.Tracks[i].Data
		}
		if got.Data != want {
			return failed("track %d does not read back as it was written: try again, with another --coercivity", i+1)
		}
	}
	return nil
}

// written is the result of a write as JSON.
type written struct {
	Before   map[string]string `json:"before"` // masked, by track
	Written  []int             `json:"written"`
	Erased   []int             `json:"erased"`
	Verified bool              `json:"verified"`
}

func (w *writeCard) report(before *reader.Swipe, tracks [3]card.TrackData) error {
	out := written{Before: map[string]string{}, Written: []int{}, Erased: append([]int{}, w.erase...), Verified: w.verify}
	for i, t := range tracks {
		if t != "" {
			out.Written = append(out.Written, i+1)
		}
		if w.touched(i, tracks) {
			pan, _ := foreignNumber(i, before.Tracks[i].Data)
			out.Before[fmt.Sprint(i+1)] = onTrack(before.Tracks[i], pan, i)
		}
	}
	if w.json {
		return json.NewEncoder(w.stdout).Encode(out)
	}
	said := "done"
	if w.verify {
		said = "done, and it reads back"
	}
	_, err := fmt.Fprintf(w.stdout, "tracks written %v, erased %v: %s\n", out.Written, out.Erased, said)
	return err
}

// readLine reads a line of a person, who may be interrupted instead.
func readLine(ctx context.Context, r io.Reader) (string, error) {
	type answer struct {
		line string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		line, err := bufio.NewReader(r).ReadString('\n')
		got <- answer{line, err}
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-got:
		if errors.Is(a.err, io.EOF) {
			a.err = nil
		}
		return a.line, a.err
	}
}
