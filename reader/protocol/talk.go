package protocol

// patience is how many idle turns of a tenth of a second a Dialog gives a reader to
// answer before it does without.
const patience = 10

// talk is what Dialogs have in common: frames in, events and answers out.
type talk struct {
	scanner scanner
	name    string // of the reader, for notes
	take    func(frame []byte)
	events  []Event
	reply   []byte
	waited  int    // idle turns since something went out that wants an answer
	known   bool   // the reader answered as this one does
	spoilt  func() // told when bytes came that were no message: the swipe may have been among them
}

// talker prepares a talk.
func talker(name string, limit int, split func([]byte) (int, bool)) talk {
	return talk{name: name, scanner: scanner{limit: limit, split: split}}
}

// Feed implements Parser.
func (t *talk) Feed(in []byte) []Event {
	t.scanner.feed(in, t.whole)
	return t.told()
}

// Flush implements Parser.
func (t *talk) Flush() []Event {
	t.scanner.flush(t.whole)
	if noted := t.scanner.strayNote(t.name); len(noted) > 0 {
		t.events = append(t.events, noted...)
		if t.spoilt != nil {
			t.spoilt()
		}
	}
	return t.told()
}

func (t *talk) whole(frame []byte) {
	t.waited = 0
	t.take(frame)
}

func (t *talk) told() []Event {
	e := t.events
	t.events = nil
	return e
}

// Pending implements Parser.
func (t *talk) Pending() Pending {
	if p := t.scanner.pending(); p != PendingNone || len(t.events) == 0 {
		return p
	}
	return PendingWhole
}

// Reply implements Dialog.
func (t *talk) Reply() []byte {
	r := t.reply
	t.reply = nil
	return r
}

// Leave implements Dialog.
func (t *talk) Leave() []byte { return nil }

// note puts a note among the events.
func (t *talk) note(text string) { t.events = append(t.events, Event{Note: text}) }

// answered reports whether the reader answered a question as this one does.
func (t *talk) answered() bool { return t.known }

// held is how many bytes of an unfinished message are kept.
func (t *talk) held() int { return len(t.scanner.buf) }

// wait counts an idle turn, and reports whether there were enough of them.
func (t *talk) wait() bool {
	t.waited++
	return t.waited >= patience
}
