package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// beyond are scenarios of the catalog that are made by something that is not on the
// wire: how the host or the terminal is configured, a power cut, a frame that was
// altered, a PIN that was typed wrong.
var beyond = []string{
	"a whole day", "a card is good to the end of its month", "unknown terminal", "wrong merchant", "a code that is in no table",
	"a request with a wrong MAC posts nothing", "a reversal with a wrong MAC", "an approval in another currency", "a hold that nothing could complete",
	"a decline that was turned into an approval", "a void that names its sale by batch and number alone", "a void that names its sale by reference number alone",
	"power cut when the answer came", "the power fails between settlement and its end", "a settlement from what the power left",
	"settlement of a batch that is not open", "no answer to the settlement, which goes on before the next sale", "the answer to the settlement is lost",
	"the answer to a refund is lost, it is sent until answered", "a refund is stored and sent with the next order", "the power fails during a refund",
	"totals that the host cannot read", "details that the host cannot read",
}

// TestExport records scenarios of the catalog, saves them as scenarios again, and
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
		tags := "void,limits,preauth,smoke,settlement,decline,reversal"
		run(exitOK, "run", "--tags", tags, "--dialect", dialect, "--record", log)
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
		if passed < 60 {
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
