package kernel

import (
	"bytes"
	"context"

	"possim/reader/emv"
)

// maxOccurrences bounds how many applications of one name a card may claim.
const maxOccurrences = 32

// listOfAIDs makes the candidate list by asking for each application the terminal takes
// (EMV Book 1, 12.3.3). blocked counts those that the card says are blocked.
func (s *session) listOfAIDs(ctx context.Context) (found []Candidate, blocked int, err error) {
	for _, a := range s.Applications {
		for n := range maxOccurrences {
			fci, w, err := s.selectName(ctx, "SELECT "+hexText(a.AID), a.AID, n > 0)
			if err != nil {
				return nil, blocked, err
			}
			if w == statusNotSupported && n == 0 {
				return nil, blocked, s.terminate(CauseCardBlocked, "the card answers 6A81 to SELECT: it is blocked")
			}
			if w != statusOK && !w.warning() {
				break
			}
			name := fci.Inside(emv.TagFCITemplate).Value(emv.TagDFName)
			mine := bytes.Equal(name, a.AID) || a.Partial && bytes.HasPrefix(name, a.AID)
			switch {
			case w == statusBlocked: // with an FCI or without
				blocked++
			case w == statusOK && mine && len(name) <= 16:
				found = add(found, candidateOf(name, a, fciOf(fci)))
			}
			if !a.Partial || bytes.Equal(name, a.AID) { // one of that very name is the only one (steps 4 to 6)
				break
			}
		}
	}
	return found, blocked, nil
}

// fciOf returns what an FCI says of its application.
func fciOf(l emv.List) emv.List {
	return l.Inside(emv.TagFCITemplate).Inside(emv.TagFCIProprietary)
}
