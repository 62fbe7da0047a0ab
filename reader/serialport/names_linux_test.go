package serialport

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// devices is a /dev of a test's own, in which udev names ports.
type devices struct {
	t   *testing.T
	dir string
}

func newDevices(t *testing.T) *devices {
	t.Helper()
	d := &devices{t, t.TempDir()}
	for _, dir := range []string{"serial/by-id", "serial/by-path"} {
		if err := os.MkdirAll(filepath.Join(d.dir, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// plug gives a line a number and, below serial, a lasting name.
func (d *devices) plug(line *device, number, lasting string) {
	d.t.Helper()
	line.link(filepath.Join(d.dir, number))
	name := filepath.Join(d.dir, "serial", lasting)
	os.Remove(name)
	if err := os.Symlink("../../"+number, name); err != nil {
		d.t.Error(err)
	}
}

func (d *devices) unplug(line *device, number, lasting string) {
	os.Remove(filepath.Join(d.dir, number))
	os.Remove(filepath.Join(d.dir, "serial", lasting))
	line.unplug()
}

// TestReplugUnderAnotherNumber: a reader opened as ttyUSB0 comes back as ttyUSB1, while
// another device took its number.
func TestReplugUnderAnotherNumber(t *testing.T) {
	for _, lasting := range []string{"by-id/usb-Reader_42-if00", "by-path/pci-0000:00:14.0-usb-0:2:1.0"} {
		t.Run(lasting, func(t *testing.T) {
			dev := newDevices(t)
			first := newDevice(t)
			dev.plug(first, "ttyUSB0", lasting)
			c, err := ParseURL("serial:" + filepath.Join(dev.dir, "ttyUSB0"))
			if err != nil {
				t.Fatal(err)
			}
			n, w := new(notes), newWatch()
			a, err := Attach(c, AttachOptions{Sleep: sleep, Every: 20 * time.Millisecond, Dev: dev.dir, opened: w.on,
				Event: func(e Event) { n.add(strings.ReplaceAll(e.String(), dev.dir, "DEV")) }, Note: func(s string) { n.add(strings.ReplaceAll(s, dev.dir, "DEV")) }})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Close() })
			other, again := newDevice(t), newDevice(t)
			go func() {
				first.say(swipe1[:40]) // in the middle of a swipe
				w.bytes(40)
				dev.unplug(first, "ttyUSB0", lasting)
				other.link(filepath.Join(dev.dir, "ttyUSB0"))
				other.say("%B1^A/B^2912101?;1=2912101?\r")
				pause(100 * time.Millisecond)
				dev.plug(again, "ttyUSB1", lasting)
				again.say(swipe1)
			}()
			wantSwipe(t, a, track2)
			want := fmt.Sprintf("DEV/serial/%[1]s is attached (%[2]s)\nDEV/ttyUSB0 disappeared in the middle of a swipe, which is dropped: swipe again\n"+
				"DEV/serial/%[1]s is gone: waiting for it to come back\nDEV/serial/%[1]s is attached (%[3]s)", lasting, first.path, again.path)
			if n.String() != want {
				t.Errorf("told:\n%s\nwant:\n%s", n, want)
			}
		})
	}
}

// TestOtherProgram: another program that has the port open is named; one that took a
// lock on it keeps it.
func TestOtherProgram(t *testing.T) {
	d := newDevice(t)
	flock, err := exec.LookPath("flock")
	if err != nil {
		t.Skip("flock is not installed: apt-get install util-linux")
	}
	for _, tt := range []struct {
		args []string
		busy bool
	}{
		{[]string{"sh", "-c", "exec 3<>" + d.path + "; echo ready; read wait"}, false},
		{[]string{flock, d.path, "sh", "-c", "echo ready; read wait"}, true},
	} {
		cmd := exec.Command(tt.args[0], tt.args[1:]...)
		in, _ := cmd.StdinPipe()
		out, _ := cmd.StdoutPipe()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "ready\n" {
			t.Fatal(line, err)
		}
		c, _ := ParseURL("serial:" + d.path)
		n := new(notes)
		r, err := Open(c, n.add)
		name := fmt.Sprintf("(process %d)", cmd.Process.Pid)
		switch {
		case tt.busy && (!errors.Is(err, ErrBusy) || !strings.Contains(err.Error(), name)):
			t.Errorf("locked: %v, want %s in it", err, name)
		case !tt.busy && (err != nil || !strings.Contains(n.String(), "open in another program") || !strings.Contains(n.String(), name)):
			t.Errorf("open: %v, told %q, want %s in it", err, n, name)
		}
		if r != nil {
			r.Close()
		}
		in.Close()
		cmd.Wait()
	}
}

// TestPermission: the group that may open the port is named, and no group that may not.
func TestPermission(t *testing.T) {
	file := filepath.Join(t.TempDir(), "port")
	if err := os.WriteFile(file, nil, 0o660); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		path  string
		group int
		mode  os.FileMode
		want  string
	}{
		{"/nowhere", 0, 0, "usermod -aG dialout $USER"},
		{file, 0, 0o660, "usermod -aG root $USER"},
		{file, 0, 0o600, "its group may not open it either"},
	} {
		os.Chmod(tt.path, tt.mode)
		if err := os.Chown(tt.path, -1, tt.group); err != nil && tt.path == file {
			t.Skip("only root gives a file to any group")
		}
		err := openError(Config{Path: tt.path}, os.ErrPermission)
		if !errors.Is(err, ErrPermission) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, tt.want)
		}
	}
}
