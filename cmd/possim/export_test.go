package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// beyond are scenarios of the catalog that are made by something that is neither on the
// wire nor in what their file says of terminal and host: a power cut, a chip that was
// damaged or pulled out, a CVN or an expiry that the card does not have, what a frame was
// made into on its way, a card whose status a step had changed.
var beyond = []string{
	"a batch that is not open is answered 77",
	"a card is good to the end of its month",
	"a chip damaged, three times, and its stripe",
	"a copied stripe with a guessed CVN",
	"a cryptogram that the issuer's keys do not make",
	"a day in any dialect",
	"a download that breaks off changes nothing",
	"a download that the host cannot read",
	"a refund is stored and sent with the next order",
	"a request with a wrong MAC posts nothing",
	"a settlement from what the power left",
	"a sign-on that brings no keys",
	"a stripe in place of a chip that the host does not take",
	"a whole day",
	"an answer to a balance inquiry with a wrong MAC",
	"an answer to a refund with a wrong MAC, sent again",
	"another terminal with the same number",
	"connection refused once",
	"limits hold for pre-authorisations and code payments too",
	"no answer to the settlement, which goes on before the next sale",
	"pulled out while the host is asked",
	"settlement of a batch that is not open",
	"settlement while a notice is stored",
	"settlement while a reversal is pending",
	"the answer to a notice is lost, it is sent until answered",
	"the answer to the sign-off is lost",
	"the day changes at midnight in Shanghai",
	"the power fails between settlement and its end",
	"three reversals lost, the next sale waits for the fourth",
	"two requests with a wrong MAC are a decline",
	"working keys of a wrong length",
	"working keys with a wrong check value are refused",
}

// TestExport records the scenarios of the catalog, saves them as scenarios again, and
// wants the simulated host to do the same.
func TestExport(t *testing.T) {
	for _, dialect := range []string{"unionpay", "iso87ascii"} {
		dir := t.TempDir()
		log, file, again := filepath.Join(dir, "a.jsonl"), filepath.Join(dir, "a.yaml"), filepath.Join(dir, "b.jsonl")
		run := func(want int, args ...string) string {
			t.Helper()
			a, stdout, stderr := testApp("")
			if code := a.run(t.Context(), args); code != want {
				t.Fatalf("%v: exit %d\n%s", args, code, stderr)
			}
			return stdout.String()
		}
		run(exitOK, "run", "--dialect", dialect, "--record", log)
		run(exitOK, "export", log, "--out", file)
		a, stdout, _ := testApp("")
		a.run(t.Context(), []string{"run", file, "--dialect", dialect, "--format", "json", "--record", again})
		var report struct {
			Scenarios []struct{ Name, Status string }
		}
		if err := json.Unmarshal(stdout.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		passed := 0
		for _, s := range report.Scenarios {
			switch {
			case s.Status == "passed":
				passed++
			case !slices.Contains(beyond, s.Name):
				t.Errorf("%s: %q is not what was recorded", dialect, s.Name)
			}
		}
		if passed < map[string]int{"unionpay": 260, "iso87ascii": 170}[dialect] {
			t.Errorf("%s: %d of %d scenarios do again what was recorded", dialect, passed, len(report.Scenarios))
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), `39: "00"`, `39: "05"`, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		run(exitFailed, "run", file, "--dialect", dialect)
	}
}
