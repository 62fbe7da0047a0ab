package protocol

import (
	"fmt"
	"slices"
	"strings"

	"possim/reader"
)

// abecsChip is a transaction with the chip in the slot.
type abecsChip struct {
	state  abecsState
	app    EMVApplication
	result EMVResult
	data   []byte // CNG's, and of GCX
	money  string // the currency that GCX was given
}

type abecsState uint8

const (
	abecsNoChip  abecsState = iota
	abecsChosen             // GCR or GCX read it
	abecsAtHost             // GOC or GOX: the acquirer is asked
	abecsDecided            // the card decided
)

// abecsRequest is what GCR and GCX ask for.
type abecsRequest struct {
	name     string
	acquirer string   // "00" or "": any
	types    []string // of application; none: any
	records  []string // acquirer and index; none: all that fit the others
	version  string   // of the tables; "": whatever they are
	job      EMVJob
	tell     func(r EMVResult) string // the answer for a chip
}

// getCard carries out GCR (section 3.6.1): the first card decides, and one that is in the
// slot is taken at once. A version of the tables that differs matters to a chip alone, and
// is told once: a GCR without parameters goes on with the tables there are (6.8.2).
func (d *ABECSDevice) getCard(data string) []byte {
	again := data == "GCR"
	if again && d.kept == "" {
		return d.say("GCR" + abecsInvalid)
	}
	if again {
		data = d.kept
	}
	d.kept = ""
	f := fields{rest: data[3:]}
	f.take(3)
	r := abecsRequest{name: "GCR", acquirer: f.take(2)}
	kind := f.take(2)
	r.job.Amount = int64(f.number(12))
	r.job.Date, r.job.Time, r.version = f.take(6), f.take(6), f.take(10)
	for n := f.number(2); n > 0 && !f.short; n-- {
		r.records = append(r.records, f.take(4))
	}
	if f.short || !isDigits(r.acquirer+kind+r.job.Date+r.job.Time) {
		return d.say("GCR" + abecsParam)
	}
	if kind != "00" {
		r.records = nil
	}
	if kind != "99" && kind != "00" {
		r.types = []string{kind}
	}
	if again {
		r.version = ""
	}
	r.tell = func(e EMVResult) string { return block("", d.chipCard(e)) }
	return d.take(r, data, func(s *reader.Swipe) []byte {
		last := d.LastChip
		d.LastChip = 0
		if !anyRead(s) {
			return d.say("GCR" + abecsMagErr)
		}
		return d.say("GCR" + abecsOK + gcrAnswer(s, last))
	}, abecsWait{})
}

// take waits for a card, or begins with the chip that is there.
func (d *ABECSDevice) take(r abecsRequest, data string, swiped func(*reader.Swipe) []byte, w abecsWait) []byte {
	d.chip, d.held = abecsChip{}, nil
	begin := func() []byte {
		if acquirer := r.acquirer; r.version != "" && r.version != d.tables.version(acquirer) {
			d.kept = data
			return d.say(r.name + abecsTablesDiffer)
		}
		d.powerUp(r)
		return nil
	}
	if d.occupied {
		return begin()
	}
	w.command, w.stripe, w.chip = r.name, true, true
	w.done = func(s *reader.Swipe) []byte {
		if s == nil {
			return begin()
		}
		return swiped(s)
	}
	d.wait = w
	return nil
}

// powerUp has the chip powered, and an application chosen.
func (d *ABECSDevice) powerUp(r abecsRequest) {
	d.order = Order{Kind: OrderReset}
	d.told = func(_ []byte, err error) string {
		job := r.job
		job.Step, job.Applications = EMVSelect, d.candidates(r)
		switch {
		case err != nil:
			d.LastChip = 1
			return r.name + abecsMute
		case len(job.Applications) == 0:
			d.LastChip = 2
			return r.name + abecsNoApp
		}
		d.run(job, func(e EMVResult) []byte { return d.chosen(r, job, e) })
		return ""
	}
}

// candidates are the applications of the tables that a request leaves.
func (d *ABECSDevice) candidates(r abecsRequest) (out []EMVApplication) {
	for _, a := range d.tables.applications {
		switch {
		case r.records != nil && !slices.Contains(r.records, a.Acquirer+a.Record):
		case r.records == nil && r.acquirer != "" && r.acquirer != "00" && a.Acquirer != r.acquirer:
		case r.records == nil && r.types != nil && !slices.Contains(r.types, a.Type):
		default:
			out = append(out, a)
		}
	}
	return out
}

// run has the kernel do a part of a transaction.
func (d *ABECSDevice) run(job EMVJob, then func(EMVResult) []byte) {
	d.order, d.then = Order{Kind: OrderEMV, EMV: &job}, then
}

// Processed implements Pinpad.
func (d *ABECSDevice) Processed(r EMVResult) []byte {
	if d.order.Kind != OrderEMV {
		return nil
	}
	d.order = Order{}
	return d.then(r)
}

// chosen answers GCR and GCX, and says first which application it is (6.8.1.2).
func (d *ABECSDevice) chosen(r abecsRequest, job EMVJob, e EMVResult) []byte {
	if e.Status != EMVOK || e.Application < 0 || e.Application >= len(job.Applications) {
		d.LastChip = map[EMVStatus]byte{EMVMute: 1, EMVBroken: 1, EMVFallback: 1, EMVNone: 2}[e.Status]
		return d.say(r.name + string(e.Status))
	}
	d.LastChip = 0
	d.chip = abecsChip{state: abecsChosen, app: job.Applications[e.Application], result: e, data: job.Data, money: job.Currency}
	note := notify("SELECIONADO:", d.title())
	return append(note, d.say(r.name+abecsOK+r.tell(e))...)
}

// title is what the application of the transaction is called.
func (d *ABECSDevice) title() string {
	if d.chip.result.Preferred != "" {
		return d.chip.result.Preferred
	}
	return d.chip.result.Label
}

// gcrAnswer is the block of an answer to GCR for a stripe: type of card, state of the
// last chip, table record, tracks without sentinels, and the fields of chips, empty.
func gcrAnswer(s *reader.Swipe, lastChip byte) string {
	head := fmt.Sprintf("00%d000000", lastChip) + abecsTracks(s)
	return block("", head+fmt.Sprintf("00%19s00%16s000%26s000000%029d000000", "", "", "", 0))
}

// chipCard is the block of an answer to GCR for a chip. Data of the acquirer's own are
// those of the acquirers 01 and 02.
func (d *ABECSDevice) chipCard(e EMVResult) string {
	a, none := d.chip.app, &reader.Swipe{}
	track2 := e.Track2.Reveal()
	if len(track2) > widths[1] {
		track2 = ""
	}
	tracks := abecsTracks(none)
	tracks = tracks[:78] + fmt.Sprintf("%02d%-37s", len(track2), track2) + tracks[78+39:]
	own := ""
	switch aid := pick(e, 0x84); a.Acquirer {
	case "01":
		own = fmt.Sprintf("%02d%s%-16.16s%-16.16s", len(aid), (fmt.Sprintf("%X", aid) + strings.Repeat("F", 32))[:32], e.Label, e.Preferred)
	case "02":
		if auc := pick(e, 0x9F, 0x07); len(auc) == 2 {
			own = fmt.Sprintf("9F0702%X", auc)
		}
	}
	pan := e.PAN.Reveal()
	return "030" + a.Type + a.Acquirer + a.Record + tracks + fmt.Sprintf("%02d%-19s%s%-16.16s%s%-26.26s%s%029d%s%03d%s",
		len(pan), pan, zeros(e.Sequence, 2), d.title(), zeros(e.Service, 3), e.Holder, zeros(e.Expiry, 6), 0, zeros(e.Country, 3), len(own), own)
}

// pick is the value of one object.
func pick(e EMVResult, tag ...byte) []byte {
	if e.Pick == nil {
		return nil
	}
	if b := e.Pick(tag); len(b) > len(tag)+1 {
		return b[len(tag)+1:]
	}
	return nil
}

// getCardExtended carries out GCX (section 3.7.1). The version of the tables is the
// client's to see to; a swipe that did not read is told without tracks.
func (d *ABECSDevice) getCardExtended(p map[uint16]string) []byte {
	if p[speDate] == "" || p[speTime] == "" {
		return d.say("GCX" + abecsMandatory)
	}
	r := abecsRequest{name: "GCX", acquirer: p[speAcquirer], types: cut(p[speAppTypes], 2), records: cut(p[speAIDs], 4)}
	f := fields{rest: p[speAmount] + p[speCashback]}
	if p[speAmount] != "" {
		r.job.Amount = int64(f.number(12))
	}
	if p[speCashback] != "" {
		r.job.Cashback = int64(f.number(12))
	}
	r.job.Date, r.job.Time, r.job.Currency, r.job.Data = p[speDate], p[speTime], p[speCurrency], []byte(p[speEMV])
	r.job.Type = abecsType(p, r.job.Cashback)
	if f.short || !isDigits(r.job.Date+r.job.Time+r.job.Currency) || !wholeTLV(r.job.Data) {
		return d.say("GCX" + abecsParam)
	}
	r.tell = func(e EMVResult) string { return d.chipData(p, e) }
	return d.take(r, "", func(s *reader.Swipe) []byte {
		var a abecsAnswer
		a.add(ppCardType, "00")
		a.add(ppChipStat, string('0'+rune(d.LastChip)))
		d.addTracks(&a, s, p[speMask])
		if _, asked := p[speTags]; asked {
			a.add(ppEMV, "")
		}
		d.LastChip, d.held = 0, s
		return d.sayAll("GCX", a)
	}, abecsWait{until: d.deadline(p)})
}

// abecsType is 9C: SPE_TRNTYPE, or what the cash back says.
func abecsType(p map[uint16]string, cashback int64) byte {
	switch t := p[speType]; {
	case t != "":
		return t[0]
	case cashback > 0:
		return 0x09
	}
	return 0
}

// chipData are the blocks of an answer to GCX for a chip; they are kept for GTK.
func (d *ABECSDevice) chipData(p map[uint16]string, e EMVResult) string {
	var a abecsAnswer
	app, mask := d.chip.app, p[speMask]
	d.held = &reader.Swipe{}
	d.held.Tracks[1] = trackOf(2, e.Track2.Reveal())
	a.add(ppCardType, "03")
	a.add(ppAIDInfo, app.Acquirer+app.Record+app.Type)
	a.add(ppPAN, masked(e.PAN.Reveal(), mask))
	a.add(ppSequence, zeros(e.Sequence, 2))
	a.addSome(ppTrack1In+1, incomplete(2, e.Track2.Reveal(), mask))
	a.addSome(ppHolder, e.Holder)
	a.add(ppLabel, d.title())
	a.addSome(ppCountry, e.Country)
	a.addSome(ppExpiry, e.Expiry)
	addObjects(&a, p, e)
	out := ""
	for _, b := range a.blocks {
		out += block("", b)
	}
	return out
}

// addObjects adds the objects that a client asked for, perhaps none.
func addObjects(a *abecsAnswer, p map[uint16]string, e EMVResult) {
	tags, asked := p[speTags]
	if !asked {
		return
	}
	a.add(ppEMV, string(e.objects([]byte(tags))))
}

// objects are those of the tags that may be told: never a number or a track (6.8.6.3).
func (e EMVResult) objects(tags []byte) []byte {
	if e.Pick == nil {
		return nil
	}
	return e.Pick(tags)
}

// cut takes a text apart every n characters; none of nothing.
func cut(text string, n int) (out []string) {
	for ; len(text) >= n; text = text[n:] {
		out = append(out, text[:n])
	}
	return out
}
