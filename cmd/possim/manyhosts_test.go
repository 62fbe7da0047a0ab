package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

// deployment is deploy/many-hosts.sh at work.
type deployment struct {
	addr  string
	dir   string
	hosts []int // their processes
}

// deploy starts the script with flags for the hosts, and waits until terminals may connect.
func deploy(t *testing.T, args ...string) *deployment {
	t.Helper()
	need(t, "haproxy")
	need(t, "psql")
	need(t, "openssl")
	dir, err := os.MkdirTemp("", "possim-many-") // not the test's own: the server's user must get there
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	d := &deployment{addr: freeAddress(t), dir: dir}
	cmd := exec.Command("../../deploy/many-hosts.sh", append([]string{"--listen", d.addr, "--dir", dir, "--"}, args...)...)
	var errs syncBuffer
	cmd.Stderr = &errs
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		late := time.AfterFunc(2*patience, func() { cmd.Process.Kill() })
		defer late.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the script: %v\n%s", err, &errs)
		}
	})
	process := regexp.MustCompile(`^host \d+: .* process (\d+),`)
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if m := process.FindStringSubmatch(lines.Text()); m != nil {
			pid, _ := strconv.Atoi(m[1])
			d.hosts = append(d.hosts, pid)
		}
		if strings.HasPrefix(lines.Text(), "listening on ") {
			return d
		}
	}
	t.Fatalf("the script did not get there\n%s", &errs)
	return nil
}

// freeAddress is an address whose port, and the three behind it, nobody has. They are none
// that a connection is given at its own end: one could take them before the script does.
func freeAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		port, free := 20000+4*rand.IntN(3000), true
		for i := 0; i < 4 && free; i++ {
			l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port+i))
			if free = err == nil; free {
				l.Close()
			}
		}
		if free {
			return fmt.Sprintf("127.0.0.1:%d", port)
		}
	}
	t.Fatal("no four free ports in a row")
	return ""
}

// ask asks the books with psql.
func (d *deployment) ask(t *testing.T, question string) string {
	t.Helper()
	out, err := exec.Command("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", "postgres:///books?user=possim&host="+d.dir+"/postgres", "-c", question).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", question, err, out)
	}
	return strings.TrimSpace(string(out))
}

// payers writes a card file of n cards that may each spend limit fen a day.
func payers(t *testing.T, n int, limit string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "payers.yaml")
	var b strings.Builder
	b.WriteString("cards:\n")
	for i := range n {
		fmt.Fprintf(&b, "  payer%d: {pan: %s, expiry: 2912, account: {balance: 1000.00, day_limit: %s}}\n", i, testPAN(i), limit)
	}
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// testPAN is a number of the test range 6222020000 with its check digit (ISO/IEC 7812-1, annex B).
func testPAN(i int) string {
	body, sum := fmt.Sprintf("6222020000%05d", i), 0
	for at := range body {
		n := int(body[len(body)-1-at] - '0')
		if at%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return body + strconv.Itoa((10-sum%10)%10)
}

// TestManyHosts has terminals sell at three hosts behind a balancer, kills one of the hosts under
// them, and closes the books: each sale that a terminal calls approved stands once, every other one
// was reversed, no card spent more than its limit, and all money is somewhere.
func TestManyHosts(t *testing.T) {
	cards := payers(t, 12, "3.00")
	d := deploy(t, "--cards", cards, "--log", "error")
	if len(d.hosts) != 3 {
		t.Fatalf("hosts %v", d.hosts)
	}
	cmd := exec.Command("possim", "load", "--host", d.addr, "--cards", cards, "--terminals", "24", "--connections", "12", "--count", "4500", "--json")
	var out, errs syncBuffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	sold := func(n int) {
		t.Helper()
		until(t, fmt.Sprint(n, " sales"), func() bool {
			got, _ := strconv.Atoi(d.ask(t, "SELECT last FROM possim.book"))
			return got >= n
		})
	}
	sold(800)
	victim, err := os.FindProcess(d.hosts[1])
	if err == nil {
		err = victim.Kill()
	}
	if err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(6*patience, func() { cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		t.Fatalf("load: %v\n%s%s", err, &out, &errs)
	}
	var got loadLine
	if err := json.Unmarshal([]byte(out.String()), &got); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", &out)
	// How many find the host gone, and how long it takes the balancer to see that, is chance.
	if got.Answered+got.Errors != 4500 || got.Sent < got.Answered || got.Codes["00"] == 0 || got.Codes["61"] == 0 || got.Answered < 3000 {
		t.Errorf("%+v", got)
	}
	const standing = `FROM possim.postings p
		WHERE p.memo::json ->> 'kind' = 'sale' AND p.refused IS NULL AND NOT EXISTS (SELECT FROM possim.undone u WHERE u.seq = p.seq)`
	for question, want := range map[string]string{
		"SELECT count(*) " + standing: fmt.Sprint(got.Codes["00"]),
		"SELECT sum(coalesce(balance, 0) + coalesce(hold, 0)) FROM possim.balances":                                              "0",
		"SELECT balance FROM possim.balances WHERE owner = 'merchant:898100054110001'":                                           fmt.Sprint(got.Codes["00"]),
		"SELECT count(*) FROM possim.day_use WHERE owner LIKE 'card:%' AND (amount > 300 OR count > 300)":                        "0",
		"SELECT sum(amount) FROM possim.day_use WHERE owner LIKE 'card:%'":                                                       fmt.Sprint(got.Codes["00"]),
		"SELECT count(*) = (SELECT last FROM possim.book) AND count(*) = max(seq) FROM possim.posting":                           "t",
		"SELECT count(*) FROM possim.terminal WHERE state LIKE '%\"batch\":%'":                                                   "24",
		"SELECT count(*) > 0 FROM possim.posting p WHERE p.body ~ '62220200' OR encode(p.memo, 'escape') ~ '6222020000[0-9]{6}'": "f",
	} {
		if answer := d.ask(t, question); answer != want {
			t.Errorf("%s: got %s, want %s", question, answer, want)
		}
	}
}

// TestBalancerAndCompose has the programs that read the files of a deployment say what they think of them.
func TestBalancerAndCompose(t *testing.T) {
	need(t, "haproxy")
	if out, err := exec.Command("haproxy", "-c", "-f", "../../deploy/haproxy.cfg").CombinedOutput(); err != nil {
		t.Errorf("haproxy: %v\n%s", err, out)
	}
	need(t, "docker-compose")
	cmd := exec.Command("docker-compose", "-f", "../../deploy/compose.yaml", "config")
	cmd.Env = append(os.Environ(), "POSSIM_MASTER_KEY=k", "POSTGRES_PASSWORD=p")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker-compose: %v\n%s", err, out)
	}
	var composed struct {
		Services map[string]struct {
			Command     []string
			Build       struct{ Context, Dockerfile string }
			Environment map[string]string
		}
	}
	if err := yaml.Load(out, &composed); err != nil {
		t.Fatal(err)
	}
	host := composed.Services["host"]
	if _, err := os.Stat(filepath.Join(host.Build.Context, host.Build.Dockerfile)); err != nil || host.Environment["POSSIM_MASTER_KEY"] != "k" || host.Environment["PGPASSWORD"] != "p" {
		t.Errorf("%v, %+v", err, host)
	}
	// The flags are ours: the host takes them as far as a database that is not here.
	args := append(host.Command[:len(host.Command):len(host.Command)], "--listen", "127.0.0.1:0")
	run := exec.Command("possim", args...)
	run.Env = append(os.Environ(), "POSSIM_MASTER_KEY="+strings.Repeat("5A", 32), "PGCONNECT_TIMEOUT=1")
	errs, err := run.CombinedOutput()
	if run.ProcessState == nil || run.ProcessState.ExitCode() != exitWorld || !strings.Contains(string(errs), "database books on postgres") {
		t.Errorf("possim %q: %v\n%s", args, err, errs)
	}
	command := exec.Command("docker-compose", "-f", "../../deploy/compose.yaml", "config")
	command.Env = append(os.Environ(), "POSSIM_MASTER_KEY=", "POSTGRES_PASSWORD=p")
	if out, err := command.CombinedOutput(); err == nil || !strings.Contains(string(out), "openssl rand -hex 32") {
		t.Errorf("without a master key: %v\n%s", err, out)
	}
}
