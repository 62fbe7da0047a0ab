package serialport

import (
	"errors"
	"strings"
	"testing"
)

func TestParseURL(t *testing.T) {
	for url, want := range map[string]Config{
		"serial:/dev/ttyUSB0": {"/dev/ttyUSB0", "ascii", 9600, 8, "none", 1, false},
		"serial:COM3?":        {"COM3", "ascii", 9600, 8, "none", 1, false},
		"serial:/dev/ttyUSB0?protocol=magtek&baud=19200":             {"/dev/ttyUSB0", "magtek", 19200, 8, "none", 1, false},
		"serial:/dev/ttyUSB0?protocol=ascii&baud=9600&parity=&bits=": {"/dev/ttyUSB0", "ascii", 9600, 8, "none", 1, false},
		"serial:x?bits=7&parity=even&stop=2":                         {"x", "ascii", 9600, 7, "even", 2, true},
		"serial:x?bits=7&mask=no":                                    {"x", "ascii", 9600, 7, "none", 1, false},
		"serial:x?mask=yes&parity=odd":                               {"x", "ascii", 9600, 8, "odd", 1, true},
	} {
		if got, err := ParseURL(url); err != nil || got != want {
			t.Errorf("%s: %+v %v", url, got, err)
		}
	}
	for url, parts := range map[string][]string{
		"":                              {"scheme", "serial:/dev/ttyUSB0"},
		"tcp:host":                      {"scheme"},
		"serial:":                       {"path", "serial:COM3"},
		"serial:?baud=9600":             {"path"},
		"serial:x?boud=9600":            {`"boud"`, `did you mean "baud"?`, "protocol, baud, parity, bits, stop, mask"},
		"serial:x?colour=red":           {`"colour"`, "known are"},
		"serial:x?protocol=magtk":       {"protocol", `did you mean "magtek"?`, "ascii"},
		"serial:x?baud=9601":            {"baud", "9600", "115200"},
		"serial:x?parity=mark":          {"parity", "none, odd, even"},
		"serial:x?bits=9":               {"bits", "7, 8"},
		"serial:x?baud=9600&baud=19200": {"baud", "given 2 times"},
		"serial:x?baud=%zz":             {"parameters", "%zz"},
	} {
		_, err := ParseURL(url)
		var u *URLError
		if !errors.As(err, &u) {
			t.Errorf("%q: %v", url, err)
			continue
		}
		for _, p := range parts {
			if !strings.Contains(err.Error(), p) {
				t.Errorf("%q: %v does not say %q", url, err, p)
			}
		}
	}
}
