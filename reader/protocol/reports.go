package protocol

import (
	"fmt"
	"strings"
)

// Reports turns the reports of a USB HID reader into events: a report is whole, or it
// is none.
type Reports interface {
	// Report takes one input report.
	Report([]byte) []Event
}

// ReportDialog is Reports of a reader that has to be spoken to. What it is sent are
// feature reports, each without a report number.
type ReportDialog interface {
	Reports
	Ask() [][]byte   // what arms the reader while a card is wanted; of Dialog
	Reply() [][]byte // what the last report calls for, once
	Leave() [][]byte // before the device is closed
}

// reportKinds lists what NewReports knows.
var reportKinds = []struct {
	name string
	make func() Reports
}{
	{"magtek", func() Reports { return MagTekHID{} }},
	{"msr605x", func() Reports { return NewMSR605X() }},
}

// ReportNames returns the protocols that NewReports knows.
func ReportNames() []string {
	var names []string
	for _, k := range reportKinds {
		names = append(names, k.name)
	}
	return names
}

// NewReports returns the parser of a kind of HID reader: magtek or msr605x.
func NewReports(name string) (Reports, error) {
	for _, k := range reportKinds {
		if k.name == name {
			return k.make(), nil
		}
	}
	return nil, fmt.Errorf("there is no HID reader protocol %q; known are %s", name, strings.Join(ReportNames(), ", "))
}
