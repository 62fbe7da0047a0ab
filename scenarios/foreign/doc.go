// Package foreign reads what other programs recorded of a terminal and a host: the
// log of jPOS, the log and history of isosim, dumps in hexadecimal, and captures of
// the network.
//
// Each format has a reader that gives out Frames, one message at a time, as the log
// has it: with its place in the log, its time, what tells its connection from others,
// and who sent it. None of them keeps the log: a gigabyte is read in the memory of
// its largest message.
//
//	Q2     q2.log and all else that jPOS's listeners print
//	Hex    xxd, hexdump -C, tcpdump -X, Wireshark's text, lines of digits, isosim
//	Pcap   pcap and pcapng, the TCP connections put together
//
// An Import does the rest. It unpacks the log (gzip, UTF-16), takes its lines out of
// the records of a container, an export, a mail or a page (unpack, quotings), keeps
// one of two messages where a log has both ends of a connection (mirrors), and
// finds out the dialect where nobody names it, encodes
// messages that a log has only as fields, decides who the terminal is, and numbers
// connections:
//
//	im := foreign.Import{Format: foreign.Auto}
//	report, err := im.Read(file, func(e foreign.Event) error { ... })
//
// Who the terminal is shows in the first message of each connection: the terminal
// sends requests. Time that a log does not tell is that of the message before.
//
// What a log has hidden (6222020________15, [WIPED]) gets a number of the test range
// that is the same throughout a log, or is left out where nothing can stand for it;
// the Report says so. A real card passes as it is: to refuse it or to replace it is
// the business of whoever writes it down (scenarios/journal).
//
// No Problem and no Report holds content of a message.
package foreign
