package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCanaryImport gives logs with a live card to import, and what comes of them to
// export, and looks for the card in all that comes out, files included.
func TestCanaryImport(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	logs := canaryLogs(t, write)
	commands := [][]string{{"import", canary}, {"import", logs[0], "--format", canary}, {"import", logs[0], "--dialect", canary},
		{"export", canary, "--out", filepath.Join(dir, "o.yaml")}, {"export", logs[0], "--out", filepath.Join(dir, "o.yaml")}}
	for i, log := range logs {
		for _, how := range []string{"--redact", "--lenient", "--json", "--format=q2", "--format=hex", "--format=pcap"} {
			out := filepath.Join(dir, fmt.Sprintf("out%d%s", i, how))
			commands = append(commands, []string{"import", log, how}, []string{"import", log, how, "--out", out}, []string{"export", out, "--out", out + ".yaml"})
		}
	}
	for _, args := range commands {
		a, stdout, stderr := testApp("")
		if code := a.run(t.Context(), args); code < 0 || code > exitWorld {
			t.Errorf("%s: exit %d", args[0], code)
		}
		noCanary(t, args[0]+" stdout", stdout.String())
		noCanary(t, args[0]+" stderr", stderr.String())
	}
	files, _ := filepath.Glob(filepath.Join(dir, "out*"))
	if len(files) < 2 {
		t.Error("no journal was written: what was to be looked at?")
	}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		noCanary(t, name, string(content))
	}
}

// canaryLogs are logs of other programs with a live card in every place where one may
// stand, broken ones too.
func canaryLogs(t *testing.T, write func(name, content string) string) []string {
	t.Helper()
	track2 := strings.Trim(canaryTrack2, ";?")
	message := `<isomsg direction="outgoing"><field id="0" value="0200"/><field id="2" value="` + canary + `"/><field id="11" value="000001"/><field id="35" value="` + track2 + `"/>` +
		`<field id="45" value="` + strings.Trim(canaryTrack1, "%?") + `"/><isomsg id="48"><field id="1" value="` + canary + `"/></isomsg><field id="63"><![CDATA[<` + canary + `]]></field><field id="102" value="` + canary + `"/></isomsg>`
	entry := `<log realm="c" at="2026-06-01T09:00:00"><send>` + message + "</send></log>\n"
	logs := []string{
		write("q2.log", entry+"at "+canary+"\n"),
		write("masked.log", strings.Replace(entry, `value="`+canary+`"`, `value="622202______3456"`, 1)),
		write("badfield.log", entry+strings.Replace(entry, `id="11" value="000001"`, `id="4" value="`+canary+canary+`"`, 1)),
		write("badtag.log", entry+strings.Replace(entry, `value="`+canary+`"/>`, `value="`+canary, 1)+entry),
		write("badid.log", strings.Replace(entry, `id="63"`, `id="`+canary+`"`, 1)+`<field id="`+canary+`">`+entry),
		write("badrealm.log", strings.Replace(entry, `realm="c"`, `realm="`+canary+`"`, 1)),
		write("record.log", `{"ts":"`+canary+`","tag":"send","realm":`+canary+`,"evt":["<isomsg>"]}`+"\n"),
		write("bare.txt", "> "+canary+canary+"\n"),
	}
	quoted, _ := json.Marshal(map[string]string{"message": entry, "time": canary})
	docker, _ := json.Marshal(map[string]string{"log": "> " + canary + canary + "\n", "stream": "stdout"})
	logs = append(logs,
		write("records.json", string(quoted)+"\n"+canary+"\n"),
		write("docker.json", string(docker)+"\n"),
		write("escaped.txt", strings.NewReplacer(`"`, `\"`, "\n", `\n`).Replace(entry)),
		write("markdown.md", "## 2026-06-01T09:00:00 "+canary+" send\n```xml\n"+message+"\n```\n## 2026-06-01T09:00:00 "+canary+" "+canary+"\n"),
		write("edition.log", strings.Replace(entry, `value="0200"`, `value="1200"`, 1)),
		write("notsent.log", strings.Replace(entry, "</send>", "<exception>"+canary+"</exception></send>", 1)),
		write("ends.log", entry+strings.NewReplacer(`"c"`, `"s"`, "send>", "receive>").Replace(entry)),
		write("chip.log", strings.Replace(entry, `<field id="102"`, `<isomsg id="55"><field id="0" tag="5A" value="`+canary+`" type="binary"/></isomsg><field id="102"`, 1)),
	)
	for i, frame := range canaryFrames(t) {
		logs = append(logs, write(fmt.Sprintf("hex%d.txt", i), "10:15:00 > "+frame[2]+"\n"))
	}
	return logs
}
