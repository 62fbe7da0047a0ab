package foreign

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Format is a kind of log.
type Format string

// The formats. Auto finds out which one a log has.
const (
	Auto   Format = "auto"
	JPOS   Format = "q2"
	Isosim Format = "isosim"
	Dump   Format = "hex"
	PCAP   Format = "pcap"
)

// Formats lists the formats, Auto first.
func Formats() []string {
	return []string{string(Auto), string(JPOS), string(Isosim), string(Dump), string(PCAP)}
}

// head is how much of a log Detect wants to see: beyond a banner and a few stack
// traces at its beginning.
const headSize = 64 << 10

var errFormat = errors.New("neither a capture, nor a log of jPOS or isosim, nor hexadecimal: name its format, or take out what comes before the first message")

// Detect tells the format of a log by its beginning, and why it is that.
func Detect(head []byte) (f Format, why string, err error) {
	if kind := captureKind(head); kind != "" {
		return PCAP, "it begins as " + kind + " does", nil
	}
	text := string(head)
	if at := firstOf(text, "<isomsg", "&lt;isomsg", "<log "); at != "" {
		return JPOS, "it has elements " + strings.Trim(at, "<& "), nil
	}
	if at := firstOf(text, "isosim", "Assembled request msg", "Received Request, ", `"request_msg"`); at != "" {
		return Isosim, "it says " + strings.TrimSpace(strings.Trim(at, `"`)), nil
	}
	line := 0
	for part := range strings.Lines(text) {
		line++
		if characters().MatchString(part) {
			return Dump, "it has messages in characters", nil
		}
		part, source := plainHex(part)
		if source {
			return Dump, "it has bytes of a program's source", nil
		}
		if _, ok := parseColumns(part); ok {
			return Dump, "it has lines of a dump", nil
		}
		if _, ok := parseDumpLine(part); ok {
			return Dump, "it has lines of a dump", nil
		}
		if _, digits, _ := hexRun(part); digits != "" {
			return Dump, "it has hexadecimal digits", nil
		}
	}
	return "", "", errFormat
}

// characters is how a message begins that stands in a line in characters: its type
// and its bitmap.
var characters = late(`(?:\b|ISO\d{9})0[1-8][0-5]\d[0-9A-F]{16}`)

// firstOf returns the first of several that a text has.
func firstOf(text string, all ...string) string {
	for _, s := range all {
		if strings.Contains(text, s) {
			return s
		}
	}
	return ""
}

// captureKind tells captures by their first four bytes.
func captureKind(head []byte) string {
	if len(head) < 4 {
		return ""
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(head) {
		case 0xA1B2C3D4:
			return "pcap"
		case 0xA1B23C4D:
			return "pcap with nanoseconds"
		case sectionBlock:
			return "pcapng"
		}
	}
	return ""
}
