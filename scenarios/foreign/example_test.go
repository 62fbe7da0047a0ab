package foreign_test

import (
	"fmt"
	"strings"

	"possim/host/wire"
	"possim/scenarios/foreign"
)

// A log of jPOS, with a card that its listener has hidden.
func Example() {
	log := `<log realm="channel/10.0.0.1:9000" at="2026-06-01T09:00:00.120">
  <send>
    <isomsg direction="outgoing">
      <field id="0" value="0200"/>
      <field id="2" value="622202______0015"/>
      <field id="4" value="000000008800"/>
      <field id="11" value="42"/>
    </isomsg>
  </send>
</log>`
	im := foreign.Import{}
	report, err := im.Read(strings.NewReader(log), func(e foreign.Event) error {
		var m wire.Message
		_, err := e.Dialect.Decode(e.Frame, &m)
		fmt.Println("line", e.Place, "connection", e.Conn, "from the terminal:", e.FromTerminal, m.MTI, m.STAN, m.PAN)
		return err
	})
	fmt.Println(report.Format, report.Why, report.Problems, err)
	// Output:
	// line 3 connection 1 from the terminal: true 0200 000042 622202******0005
	// q2 it has elements isomsg [] <nil>
}
