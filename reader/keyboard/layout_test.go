package keyboard

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// keysyms are the names that X11 has for characters of the layouts (keysymdef.h).
var keysyms = map[string]rune{
	"exclam": '!', "quotedbl": '"', "numbersign": '#', "dollar": '$', "percent": '%', "ampersand": '&', "apostrophe": '\'',
	"parenleft": '(', "parenright": ')', "asterisk": '*', "plus": '+', "comma": ',', "minus": '-', "period": '.', "slash": '/',
	"colon": ':', "semicolon": ';', "less": '<', "equal": '=', "greater": '>', "question": '?', "at": '@', "bracketleft": '[',
	"backslash": '\\', "bracketright": ']', "asciicircum": '^', "underscore": '_', "grave": '`', "braceleft": '{', "bar": '|',
	"braceright": '}', "asciitilde": '~', "exclamdown": '¡', "sterling": '£', "currency": '¤', "section": '§', "diaeresis": '¨',
	"ordfeminine": 'ª', "guillemotleft": '«', "notsign": '¬', "degree": '°', "twosuperior": '²', "threesuperior": '³', "mu": 'µ',
	"periodcentered": '·', "masculine": 'º', "guillemotright": '»', "onehalf": '½', "questiondown": '¿', "ssharp": 'ß',
	"AE": 'Æ', "ae": 'æ', "Oslash": 'Ø', "oslash": 'ø', "Ooblique": 'Ø', "space": ' ',
	"dead_acute": '´', "dead_grave": '`', "dead_circumflex": '^', "dead_diaeresis": '¨', "dead_tilde": '~', "dead_abovering": '˚', "dead_caron": 'ˇ',
}

var accents = map[string]string{"acute": "\u0301", "grave": "\u0300", "circumflex": "\u0302", "diaeresis": "\u0308", "tilde": "\u0303",
	"ring": "\u030a", "cedilla": "\u0327", "caron": "\u030c", "doubleacute": "\u030b"}

var accented = regexp.MustCompile(`^([A-Za-z])(acute|grave|circumflex|diaeresis|tilde|ring|cedilla|caron|doubleacute)$`)

func charOf(t *testing.T, keysym string) rune {
	t.Helper()
	if r, ok := keysyms[keysym]; ok {
		return r
	}
	if m := accented.FindStringSubmatch(keysym); m != nil {
		return []rune(norm.NFC.String(m[1] + accents[m[2]]))[0]
	}
	if r := []rune(keysym); len(r) == 1 {
		return r[0]
	}
	return 0
}

// xkbKeys asks libxkbcommon for a layout: each key's two characters.
func xkbKeys(t *testing.T, l Layout) map[string][2]rune {
	t.Helper()
	name, variant, _ := strings.Cut(l.Name, "-")
	out, err := exec.Command("xkbcli", "compile-keymap", "--layout", name, "--variant", variant).Output()
	if err != nil {
		t.Fatalf("xkbcli: %s: %v", l.Name, err)
	}
	_, symbols, _ := strings.Cut(string(out), "xkb_symbols")
	keys := map[string][2]rune{}
	for _, m := range regexp.MustCompile(`(?s)key <(\w+)>\s*\{(.*?)\};`).FindAllStringSubmatch(symbols, -1) {
		list := m[2]
		if _, after, has := strings.Cut(list, "symbols[Group1]="); has {
			list = after
		}
		list = list[strings.IndexByte(list, '[')+1:]
		names := strings.Split(list[:strings.IndexByte(list, ']')], ",")
		pair := [2]rune{charOf(t, strings.TrimSpace(names[0]))}
		if len(names) > 1 {
			pair[1] = charOf(t, strings.TrimSpace(names[1]))
		}
		keys[m[1]] = pair
	}
	return keys
}

// xkbTyped gives what a machine with a layout types where a reader means text.
func xkbTyped(t *testing.T, us, layout map[string][2]rune, text string) string {
	t.Helper()
	var out strings.Builder
next:
	for _, r := range text {
		if r == '\r' || r == ' ' {
			out.WriteRune(r)
			continue
		}
		for key, pair := range us {
			for level, has := range pair {
				if has == r && strings.Contains("AE AD AC AB TL BK", key[:2]) && key != "BKSP" && key != "AB11" {
					out.WriteRune(layout[key][level])
					continue next
				}
			}
		}
		t.Fatalf("the US layout has no %q", r)
	}
	return out.String()
}

func needXKB(t *testing.T) {
	if _, err := exec.LookPath("xkbcli"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("xkbcli is missing (Debian: libxkbcommon-tools)")
		}
		t.Skip("xkbcli is missing (Debian: libxkbcommon-tools)")
	}
}

// TestLayoutsAgainstXKB has libxkbcommon say what each layout makes of a swipe, and
// reads it: recognised, and again where it is told.
func TestLayoutsAgainstXKB(t *testing.T) {
	needXKB(t)
	us := xkbKeys(t, layouts[0])
	for _, l := range layouts {
		t.Run(l.Name, func(t *testing.T) {
			typed := xkbTyped(t, us, xkbKeys(t, l), track1+track2+"\r")
			known, _ := ParseLayout(l.Name)
			got := readAll(t, newScript().types(typed, 4*ms, 0), Options{Hands: true, Layout: known})
			if len(got) == 0 || got[len(got)-1] != both {
				t.Errorf("told: %q", got)
			}
			got = readAll(t, newScript().types(typed, 4*ms, 0), Options{Hands: true, Likely: known})
			if len(got) == 0 || got[len(got)-1] != both {
				t.Errorf("likely: %q", got)
			}
			got = readAll(t, newScript().types(typed, 4*ms, 0), hands)
			if got = strings.Split(got[len(got)-1], " | "); got[1] != strings.Split(both, " | ")[1] {
				t.Errorf("recognised: %q", got)
			}
			// A reader that was told to type for the layout, where its keys come as they
			// are: not with ? on a key that no other layout has, or ; behind Alt Gr.
			if l.Name == "br" || l.Name == "hu" {
				return
			}
			spelt := xkbTyped(t, xkbKeys(t, l), us, track2)
			got = readAll(t, newScript().types(spelt+"\r", 4*ms, 0), Options{Hands: true, Keys: true, Layout: known})
			if len(got) == 0 || got[len(got)-1] != second {
				t.Errorf("spelt: %q", got)
			}
		})
	}
}

func TestLayoutTables(t *testing.T) {
	for _, l := range layouts {
		for _, rows := range []string{l.plain, l.shifted} {
			var lengths []int
			for _, row := range strings.Split(rows, " ") {
				lengths = append(lengths, len([]rune(row)))
			}
			if len(lengths) != 4 || lengths[0] != 13 || lengths[1] != 12 || lengths[2] != 12 || lengths[3] != 10 {
				t.Errorf("%s: rows of %v keys", l.Name, lengths)
			}
		}
	}
	if _, err := ParseLayout("dvorak"); err == nil || !strings.Contains(err.Error(), "known are us, gb, de") {
		t.Error(err)
	}
	for locale, name := range map[string]string{"de_AT.UTF-8": "de", "de_CH.UTF-8": "ch", "fr_CH.UTF-8": "ch-fr", "pt_BR.UTF-8": "br", "sv_SE.UTF-8": "se", "cs_CZ": "cz", "en_GB.UTF-8": "gb"} {
		if l := ForLocale(locale); l == nil || l.Name != name {
			t.Errorf("%s: %v", locale, l)
		}
	}
	if ForLocale("C.UTF-8") != nil || ForLocale("") != nil {
		t.Error("the C locale has a layout")
	}
}

// What dead keys leave: an accent and the next character, a character of both, or nothing.
func TestDeadKeys(t *testing.T) {
	german := "ö6222020000000015´29121010000000000_\r"
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"the accent stands":      {german, []string{"note: German", second}},
		"the Linux console":      {strings.ReplaceAll(german, "´", "'"), []string{"note: German", second}},
		"both are swallowed":     {strings.ReplaceAll(german, "´2", ""), []string{"note: German", "note: dead key", "blank | error | blank | unreadable"}},
		"the accent alone":       {strings.ReplaceAll(german, "´", ""), []string{"note: German", "note: dead key", "blank | error | blank | unreadable"}},
		"a Swiss superscript":    {"ö6222020000000015²9121010000000000_\r", []string{"note: Swiss German", second}},
		"Caps Lock on a German":  {swapped("%B6222020000000015&DOE-ZOLYN&2912101_" + strings.ReplaceAll(german, "ß", "")), []string{"note: German", "ok B6222020000000015^DOE/YOLZN^2912101 | ok 6222020000000015=29121010000000000 | blank | ok"}},
		"a German track 1 alone": {"%B6222020000000015&DOE-ZOLYN&2912101_\r", []string{"note: German", "ok B6222020000000015^DOE/YOLZN^2912101 | blank | blank | ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			want(t, readAll(t, newScript().types(c.text, 4*ms, 0), hands), c.want...)
		})
	}
}
