package magstripe

import "fmt"

// Status says what became of one track. Its texts are a contract.
type Status uint8

// The outcomes of a track. The zero value is StatusBlank: a track nobody spoke of is empty.
const (
	StatusBlank   Status = iota // no flux, or nothing but clock bits
	StatusOK                    // sentinels, every parity and the LRC are right
	StatusNoStart               // flux, but no start sentinel
	StatusParity                // a character between the sentinels has even parity
	StatusLRC                   // the characters are right, their LRC is not
	StatusNoEnd                 // the flux ends before an end sentinel
	StatusError                 // a reader that only says "error"
)

var statusTexts = [...]string{"blank", "ok", "no-start", "parity", "lrc", "no-end", "error"}

// String returns the contract's text: ok, blank, no-start, parity, lrc, no-end or error.
func (s Status) String() string { return enumText(statusTexts[:], int(s)) }

// MarshalText implements encoding.TextMarshaler.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Status) UnmarshalText(text []byte) error {
	i, err := enumParse("track status", statusTexts[:], string(text))
	*s = Status(i)
	return err
}

// Verdict says what a swipe as a whole is called. It is derived from what was
// measured alone, never from what was asked for. Its texts are a contract.
type Verdict uint8

// The verdicts. The zero value is VerdictUnreadable: a swipe nobody judged is not ok.
const (
	VerdictUnreadable Verdict = iota // none of the reasons below, or every track blank
	VerdictOK                        // every track that is not blank was read
	VerdictTooFast                   // half cells shorter than the front end's bandwidth follows
	VerdictTooSlow                   // slower than the rate the front end needs, or the hand stopped
	VerdictWorn                      // weak or noisy signal over the whole stripe
	VerdictPartial                   // part of the stripe never passed the head
)

var verdictTexts = [...]string{"unreadable", "ok", "too-fast", "too-slow", "worn", "partial"}

// String returns the contract's text: ok, too-fast, too-slow, worn, partial or unreadable.
func (v Verdict) String() string { return enumText(verdictTexts[:], int(v)) }

// MarshalText implements encoding.TextMarshaler.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (v *Verdict) UnmarshalText(text []byte) error {
	i, err := enumParse("verdict", verdictTexts[:], string(text))
	*v = Verdict(i)
	return err
}

// Direction is the way a card went past the head.
type Direction uint8

// The directions. Forward is the right edge first, so that the start sentinel passes before the end sentinel.
const (
	Forward Direction = iota
	Reverse
)

var directionTexts = [...]string{"forward", "reverse"}

// String returns forward or reverse.
func (d Direction) String() string { return enumText(directionTexts[:], int(d)) }

// MarshalText implements encoding.TextMarshaler.
func (d Direction) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Direction) UnmarshalText(text []byte) error {
	i, err := enumParse("direction", directionTexts[:], string(text))
	*d = Direction(i)
	return err
}

func enumText(texts []string, i int) string {
	if i < len(texts) {
		return texts[i]
	}
	return fmt.Sprintf("invalid(%d)", i)
}

func enumParse(what string, texts []string, text string) (int, error) {
	for i, t := range texts {
		if t == text {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%s %q is not one of %q", what, text, texts)
}
