package protocol

// The header byte of the MSR605X's 64-byte reports, as two published clients have it
// that were written apart (Cameron Conn's for pywinusb, and one for pyusb). No manual
// of the maker's says it.
const (
	msrxSize   = 64
	msrxFirst  = 0x80
	msrxLast   = 0x40
	msrxLength = 0x3F // of what follows
)

// MSR605X reads the MSR605X: an MSR605 whose messages travel in HID reports of 64
// bytes, cut into pieces of 63.
type MSR605X struct{ inner *msr605 }

// NewMSR605X returns the parser of an MSR605X.
func NewMSR605X() *MSR605X { return &MSR605X{inner: newMSR605().(*msr605)} }

// Report implements Reports.
func (m *MSR605X) Report(b []byte) []Event {
	if len(b) < 1 || int(b[0]&msrxLength) > len(b)-1 {
		return []Event{{Note: "a report that is none of an MSR605X's: is it one?"}}
	}
	var events []Event
	if b[0]&msrxFirst != 0 && m.inner.Pending() == PendingHalf {
		events = m.inner.Flush() // the message before this one never ended
	}
	return append(events, m.inner.Feed(b[1:1+int(b[0]&msrxLength)])...)
}

// Ask implements ReportDialog.
func (m *MSR605X) Ask() [][]byte { return packets(m.inner.Ask()) }

// Reply implements ReportDialog.
func (m *MSR605X) Reply() [][]byte { return packets(m.inner.Reply()) }

// Leave implements ReportDialog.
func (m *MSR605X) Leave() [][]byte { return packets(m.inner.Leave()) }

// packets cuts what an MSR605 is sent into reports, a command each: two in one report
// are not in any client.
func packets(commands []byte) [][]byte {
	var out [][]byte
	for len(commands) > 0 {
		n := 1
		for n < len(commands) && commands[n] != esc {
			n++
		}
		report := make([]byte, msrxSize)
		report[0] = msrxFirst | msrxLast | byte(n) // no command here is longer than 63
		copy(report[1:], commands[:n])
		out, commands = append(out, report), commands[n:]
	}
	return out
}
