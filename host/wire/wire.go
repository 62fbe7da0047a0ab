// Package wire is the language between a terminal and its acquirer: ISO 8583
// messages, the dialects that write them, and the links that carry them.
//
// A [Message] has named fields and is the same in every dialect. A [Dialect] turns
// it into the bytes of a frame and back:
//
//	d, err := wire.ByName("unionpay") // or iso87ascii, iso87bcd
//	frame, err := d.Encode(nil, &m, seal)
//	mab, err := d.Decode(frame, &m)
//
// A frame starts with the TPDU where the dialect has one, and otherwise with the
// message type:
//
//	unionpay      TPDU 5 | header 6 | MTI 2 | bitmap 8      | fields, numbers packed
//	iso87ascii                        MTI 4 | bitmap 16, 32 | fields, all characters
//	iso87bcd                          MTI 2 | bitmap 8, 16  | fields, numbers packed
//
// What was decoded encodes to the same bytes: pad nibbles, fields without a name,
// TPDU and header stay, and so does the form of a field that an acquirer writes
// otherwise ([Reading]). A frame that breaks gives a [DecodeError] with the offset,
// and the message holds what came before it. A message that a dialect cannot write
// gives an [EncodeError] with the field and the rule. Neither ever holds a value.
//
// The MAC is nobody's business here: a [Seal] computes it from the bytes that
// Encode hands it, and Decode returns the bytes it covers.
//
// A [Link] carries frames. [Dial] and [NewConn] make one of a TCP connection, with
// two bytes of length before each frame; [ReadFrame] and [WriteFrame] are the same
// framing for a server.
//
// [Message.Answer] begins an answer, [Matches] tells whether one belongs to a
// request, [KindOf] what a request asks for, and [Dialect.Inspect] shows a frame to
// people and machines with nothing secret in it. [Auto] finds the dialect of a
// frame, [ParseInput] the bytes of one in what a person gave, and [Load] makes a
// dialect of a specification written for moov-io/iso8583 or jPOS.
//
// What the fields of the UnionPay dialect hold reads and writes as values of their
// own, with errors that name the part:
//
//	44  Institutions        54  BalanceField          61  Original
//	48  Totals, Detail      59  Tagged, TerminalInfo  62  ParseSequence, List, Entries
//	53  Sub53               60  Sub60                 63  Operator63, Texts
package wire
