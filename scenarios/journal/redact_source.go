package journal

import (
	"bytes"
	"slices"
	"strings"

	"possim/host/wire"
	"possim/reader/card"
)

// What a scenario file says that is nobody's business. A replay needs none of it: it
// types the PINs, and shows the codes, of the world that it builds again.
var (
	sourcePIN    = late(`\b(pin|cvn|pvv)(["']?\s*:\s*["']?)([0-9]+)`)
	sourceCode   = late(`\b[0-9]{16,24}\b`)
	sourceHolder = late(`\b(holder["']?\s*:\s*)("[^"]*"|'[^']*'|[^,}\n#]+)`)
	sourcePAN    = late(`\bpan["']?\s*:\s*["']?([0-9]+)|([0-9]{8,19})[=D^][0-9]{4}`)
	sourceKey    = late(`(?i)\b[0-9A-F]{32,}\b`)
)

// Source returns the text of a scenario file as a journal may hold it: PINs and card
// verification numbers replaced, the same by the same, and names and payment codes.
// ok is false for one that names a real card or a key: of that no host can be built
// again.
func (r *Redactor) Source(text string) (clean string, ok bool) {
	real := slices.ContainsFunc(sourcePAN().FindAllStringSubmatch(text, -1), func(part []string) bool {
		return !card.IsTest(card.PAN(part[1] + part[2])) // with a wrong check digit too
	})
	_ = Scan(bytes.NewReader([]byte(text)), func(Finding) { real = true }) // bytes do not fail
	if real || sourceKey().MatchString(text) {
		return "", false
	}
	text = sourcePIN().ReplaceAllStringFunc(text, func(s string) string {
		part := sourcePIN().FindStringSubmatch(s)
		return part[1] + part[2] + r.stand.digits(part[3], 0)
	})
	text = sourceCode().ReplaceAllStringFunc(text, func(s string) string {
		if _, is := wire.QRCode(s).Scheme(); is && len(s) > 16 {
			return r.stand.code(wire.QRCode(s)).Reveal()
		}
		return s
	})
	return sourceHolder().ReplaceAllStringFunc(text, func(s string) string {
		part := sourceHolder().FindStringSubmatch(s)
		return part[1] + "TEST/CARD" + s[len(strings.TrimRight(s, " ")):]
	}), true
}
