package serialport

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"possim/reader/protocol"
)

// Config is how a port is set. ParseURL fills it from a reader URL.
type Config struct {
	Path     string // /dev/ttyUSB0, COM3
	Protocol string // a name that protocol.New knows
	Baud     int
	Bits     int    // 7 or 8
	Parity   string // none, odd or even
	Stop     int    // 1 or 2
	Mask     bool   // drop bit 7 of what arrives
}

// bauds are the speeds that every system this runs on knows.
var bauds = []string{"300", "600", "1200", "2400", "4800", "9600", "19200", "38400", "57600", "115200"}

// parameter is one key of a reader URL: what it may be, and where it goes.
type parameter struct {
	key     string
	allowed []string
	set     func(c *Config, value string)
}

var parameters = []parameter{
	{"protocol", protocol.Names(), func(c *Config, v string) { c.Protocol = v }},
	{"baud", bauds, func(c *Config, v string) { c.Baud = number(v) }},
	{"parity", []string{"none", "odd", "even"}, func(c *Config, v string) { c.Parity = v }},
	{"bits", []string{"7", "8"}, func(c *Config, v string) { c.Bits = number(v) }},
	{"stop", []string{"1", "2"}, func(c *Config, v string) { c.Stop = number(v) }},
	{"mask", []string{"yes", "no"}, nil}, // set last: its default hangs on bits
}

func number(v string) int {
	n, _ := strconv.Atoi(v) // one of the allowed
	return n
}

// URLError says which part of a reader URL is wrong and what is allowed there.
type URLError struct{ Part, Problem string }

// Error implements error.
func (e *URLError) Error() string { return "reader URL: " + e.Part + ": " + e.Problem }

// ParseURL takes serial:PATH?protocol=ascii&baud=9600&parity=none&bits=8&stop=1&mask=no;
// those are the defaults, save that some protocols have another baud or two stop bits. An
// empty value means the default, and mask is yes where bits is 7: the parity bit of a seven-bit reader arrives as bit 7 on ports that
// cannot be set to seven bits. The error is a *URLError.
func ParseURL(raw string) (Config, error) {
	c := Config{Protocol: "ascii", Bits: 8, Parity: "none"}
	rest, ok := strings.CutPrefix(raw, "serial:")
	if !ok {
		return Config{}, &URLError{"scheme", "want serial:PATH, for example serial:/dev/ttyUSB0"}
	}
	path, query, _ := strings.Cut(rest, "?")
	if c.Path = path; path == "" {
		return Config{}, &URLError{"path", "missing: want serial:PATH, for example serial:/dev/ttyUSB0 or serial:COM3"}
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return Config{}, &URLError{"parameters", err.Error()}
	}
	for key := range values {
		if err := knownKey(key); err != nil {
			return Config{}, err
		}
	}
	mask := ""
	for _, p := range parameters {
		v, err := p.value(values)
		switch {
		case err != nil:
			return Config{}, err
		case v == "":
		case p.set == nil:
			mask = v
		default:
			p.set(&c, v)
		}
	}
	if c.Baud == 0 {
		c.Baud = protocol.Baud(c.Protocol)
	}
	if c.Stop == 0 {
		c.Stop = protocol.StopBits(c.Protocol)
	}
	c.Mask = mask == "yes" || mask == "" && c.Bits == 7
	return c, nil
}

func knownKey(key string) error {
	keys := make([]string, len(parameters))
	for i, p := range parameters {
		if keys[i] = p.key; p.key == key {
			return nil
		}
	}
	return &URLError{fmt.Sprintf("parameter %q", key), "unknown" + suggest(key, keys) + "; known are " + strings.Join(keys, ", ")}
}

// value returns the one value of the parameter, or "" for its default.
func (p parameter) value(values url.Values) (string, error) {
	given := values[p.key]
	if len(given) > 1 {
		return "", &URLError{p.key, fmt.Sprintf("given %d times", len(given))}
	}
	if len(given) == 0 || given[0] == "" {
		return "", nil
	}
	if !slices.Contains(p.allowed, given[0]) {
		return "", &URLError{p.key, fmt.Sprintf("%q%s; allowed are %s", given[0], suggest(given[0], p.allowed), strings.Join(p.allowed, ", "))}
	}
	return given[0], nil
}

// suggest names the one of known that word was probably meant to be.
func suggest(word string, known []string) string {
	best, name := 3, "" // two slips are a slip, three are another word
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < best && d < len(k) {
			best, name = d, k
		}
	}
	if name == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %q?)", name)
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
