package foreign

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// unpack takes a log out of what it was packed in, and its lines out of those of
// another program. how says out of what; an error says what to do first.
//
//	gzip, bzip2   rotated logs, and captures
//	UTF-16        what PowerShell writes behind a >
//	quoted        see quoting
func unpack(r io.Reader) (in *bufio.Reader, how string, err error) {
	in = bufio.NewReaderSize(r, headSize)
	var layers []string
	for range mostLayers {
		next, name, err := inside(in)
		if err != nil {
			return nil, "", err
		}
		if name == "" {
			break
		}
		layers = append(layers, name)
		in = bufio.NewReaderSize(next, headSize)
	}
	head, err := in.Peek(headSize)
	if err != nil && err != io.EOF {
		return in, strings.Join(layers, ", "), nil // whoever reads it comes to it
	}
	if captureKind(head) == "" {
		for _, q := range quotings(string(head)) {
			layers = append(layers, q.name)
			in = bufio.NewReaderSize(&lines{in: in, each: q.line}, headSize)
		}
	}
	return in, strings.Join(layers, ", "), nil
}

// mostLayers is how often something may be packed: gzip around UTF-16, once more.
const mostLayers = 3

// foreignFiles are files that have a log inside or beside what is read here, by how
// they begin, and what to do with them.
var foreignFiles = []struct{ magic, advice string }{
	{"PK\x03\x04", "a zip file: unpack it first"},
	{"PK\x05\x06", "a zip file that is empty"},
	{"\x28\xB5\x2F\xFD", "a zstd file: unpack it first (unzstd)"},
	{"\xFD7zXZ", "an xz file: unpack it first (unxz)"},
	{"7z\xBC\xAF", "a 7z file: unpack it first"},
	{"Rar!", "a rar file: unpack it first"},
	{"\x1F\x9D", "a file of compress: unpack it first (uncompress)"},
	{"snoop\x00", "a capture of snoop: make a pcap of it (editcap -F pcap)"},
	{"GMBU", "a capture of Microsoft's Network Monitor: make a pcap of it (editcap -F pcap)"},
	{"RTSS", "a capture of Network Monitor 1: make a pcap of it (editcap -F pcap)"},
	{"\x54\x52\x00\x64\x00", "a capture of Windows' own (netsh): make a pcapng of it (etl2pcapng)"},
	{"%PDF", "a PDF document: copy its text into a file"},
}

// inside opens the outermost layer, "" where there is none.
func inside(in *bufio.Reader) (next io.Reader, name string, err error) {
	head, _ := in.Peek(16)
	for _, f := range foreignFiles {
		if bytes.HasPrefix(head, []byte(f.magic)) {
			return nil, "", errors.New(f.advice)
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, "", fmt.Errorf("its gzip cannot be read: %w", err)
		}
		return &packed{z, "gzip"}, "packed with gzip", nil
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) > 9 && string(head[4:10]) == "1AY&SY":
		return &packed{bzip2.NewReader(in), "bzip2"}, "packed with bzip2", nil
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}), bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), "in UTF-16", nil
	case len(head) >= 4 && isText(head[0]) && head[1] == 0 && isText(head[2]) && head[3] == 0:
		return transform.NewReader(in, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()), "in UTF-16", nil
	case bytes.HasPrefix(head, []byte("\xEF\xBB\xBF")):
		_, err := in.Discard(3)
		return in, "with a byte order mark", err
	}
	return nil, "", nil
}

// isText reports whether a log may begin with a character.
func isText(c byte) bool { return c >= ' ' && c < 0x7F || c == '\n' || c == '\r' || c == '\t' }

// packed tells damage to a packed file from an error of reading it: what came before
// the damage is good.
type packed struct {
	io.Reader
	name string
}

// Read implements io.Reader.
func (p *packed) Read(b []byte) (int, error) {
	n, err := p.Reader.Read(b)
	if err != nil && err != io.EOF {
		err = &Problem{Err: fmt.Errorf("behind here the file's %s is cut off or damaged: %w", p.name, err)}
	}
	return n, err
}

// lines passes a log on line by line, each changed. What it gives out has as many
// lines as what it reads, so that places stay right.
type lines struct {
	in   *bufio.Reader
	each func(string) string
	rest string
	err  error
}

// Read implements io.Reader.
func (l *lines) Read(b []byte) (int, error) {
	for l.rest == "" {
		if l.err != nil {
			return 0, l.err
		}
		text, err := readLine(l.in)
		if errors.Is(err, errLong) {
			return 0, &Problem{Err: errLong}
		}
		l.rest, l.err = l.each(text), err
	}
	n := copy(b, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}
