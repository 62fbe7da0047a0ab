// Package draft writes a scenario of a recorded session: what the cashier asked for,
// which card was presented, and what must come of it.
//
//	d := draft.New(known)
//	err := d.Read(journal)       // a *journal.Reader
//	_, err = d.WriteTo(file)     // a scenario file
//	d.Left                       // lines of the journal that no step tells
//
// Each request that a terminal sends because somebody ordered it becomes a step with
// the response code, and the messages, that were recorded. What a terminal does by
// itself is not ordered: an upload belongs to its settlement, tables to their
// download, and a reversal to the request whose answer was lost, which gets a fault
// that loses it again. An order that names an earlier transaction names its step where
// that was recorded, and else the numbers on its slip.
//
// Cards that are not among the known ones are written down with what their answers
// say of them: one that was answered 62 is frozen. A journal holds no PIN: where one
// was typed 123456 is, which is right unless the host verifies it.
package draft
