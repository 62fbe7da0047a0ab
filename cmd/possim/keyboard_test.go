package main

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestKeyboardReader pipes swipes into a keyboard: reader.
func TestKeyboardReader(t *testing.T) {
	us := strings.TrimSuffix(e2eSwipe, "\r")
	for name, c := range map[string]struct {
		text, url, note string
		code, swipes    int
	}{
		"a line":                {us + "\n", "keyboard:", "", 0, 1},
		"no end":                {us, "keyboard:", "", 0, 1},
		"three cards":           {us + "\n" + us + "\r\n\n" + us + "\n", "keyboard:", "", 0, 3},
		"a German layout":       {"ö6222020000000015´2912101_\n", "keyboard:", "layout here is German", 0, 1},
		"a layout that is told": {"m-éééàéàààààààà&(=éç&é&à&§\n", "keyboard:?layout=fr", "", 0, 1},
		"nothing":               {"", "keyboard:", "nothing was swiped", 1, 0},
		"something else":        {"good morning\n", "keyboard:", "no track among them", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			a, stdout, stderr := testApp(c.text)
			code := a.run(t.Context(), []string{"read", "--json", "--reader", c.url})
			if code != c.code || strings.Count(stdout.String(), `"pan":"622202******0015"`) != c.swipes || !strings.Contains(stderr.String(), c.note) {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// TestTypedCanary types a live card, in every way it can come, and looks for it in all
// that comes out.
func TestTypedCanary(t *testing.T) {
	german := strings.NewReplacer(";", "ö", "=", "´", "?", "_", "^", "&", "/", "-", "Y", "Z").Replace(canaryTrack1 + canaryTrack2)
	for _, text := range []string{canaryTrack1 + canaryTrack2, german, strings.ToLower(canaryTrack1), strings.ReplaceAll(german, "´2", ""),
		strings.Trim(canaryTrack2, ";?"), canaryTrack2[:20], canaryTrack1 + strings.Repeat(canary, 100)} {
		for _, args := range [][]string{{"read", "--unsafe"}, {"read", "--unsafe", "--json"}, {"sale", "1.00", "--host", "127.0.0.1:1", "--log", "debug", "--state", t.TempDir()}} {
			a, stdout, stderr := testApp(text + "\n")
			a.run(t.Context(), append(args, "--reader", "keyboard:"))
			if stdout.Len()+stderr.Len() == 0 {
				t.Errorf("%v says nothing", args)
			}
			noCanary(t, args[0]+" stdout", stdout.String())
			noCanary(t, args[0]+" stderr", stderr.String())
		}
	}
}

// machine is what the kernel says of a desk with a keyboard, a MagTek reader that
// types, one that does not, and an MSR605X.
var machine = fstest.MapFS{
	"proc/bus/input/devices": {Data: []byte(`I: Bus=0019 Vendor=0000 Product=0001 Version=0000
N: Name="Power Button"
H: Handlers=kbd event0

I: Bus=0003 Vendor=046d Product=c31c Version=0110
N: Name="Logitech USB Keyboard"
H: Handlers=sysrq kbd event3 leds

I: Bus=0003 Vendor=046d Product=c077 Version=0111
N: Name="Logitech USB Optical Mouse"
H: Handlers=mouse0 event4

I: Bus=0003 Vendor=0801 Product=0001 Version=0100
N: Name="Mag-Tek USB Swipe Reader"
H: Handlers=sysrq kbd event5 leds
`)},
	"dev/input/by-id/usb-Mag-Tek_USB_Swipe_Reader-event-kbd": {Data: []byte("../event5"), Mode: 0o777 | 1<<27}, // a symbolic link
	"sys/class/hidraw/hidraw0/device/uevent":                 {Data: []byte("HID_ID=0003:0000046D:0000C31C\nHID_NAME=Logitech USB Keyboard\n")},
	"sys/class/hidraw/hidraw1/device/uevent":                 {Data: []byte("HID_ID=0003:00000801:00000002\nHID_NAME=Mag-Tek USB Swipe Reader\n")},
	"sys/class/hidraw/hidraw2/device/uevent":                 {Data: []byte("HID_ID=0003:00000801:00000003\nHID_NAME=DEFTUN MSR605X\n")},
	"sys/class/hidraw/hidraw3/device/uevent":                 {Data: []byte("HID_ID=0003:00000801:00000001\nHID_NAME=Mag-Tek in keyboard mode\n")},
}

func TestDoctorLooksAtInputs(t *testing.T) {
	for _, denied := range []bool{false, true} {
		a, _, _ := testApp("")
		d := &doctor{app: a, root: machine, openable: func(path string) error {
			if denied {
				return failed("no permission: sudo usermod -aG input $USER, then log in again")
			}
			return nil
		}}
		var lines []string
		for _, f := range d.inputs() {
			lines = append(lines, strings.Join([]string{f.Status, f.What, f.Reader, f.Hint}, " | "))
		}
		got := strings.Join(lines, "\n")
		want := `ok | Logitech USB Keyboard is a keyboard, or a reader that types like one | evdev:/dev/input/event3 | 
ok | Mag-Tek USB Swipe Reader types like a keyboard | evdev:/dev/input/by-id/usb-Mag-Tek_USB_Swipe_Reader-event-kbd | 
ok | Mag-Tek USB Swipe Reader on /dev/hidraw1 | hidraw:/dev/hidraw1 | 
ok | DEFTUN MSR605X on /dev/hidraw2 | hidraw:/dev/hidraw2 | an MSR605X calls itself so too: hidraw:/dev/hidraw2?protocol=msr605x`
		if !denied && got != want {
			t.Errorf("%s", got)
		}
		if denied && (strings.Count(got, "ok | ") != 2 || strings.Count(got, "| keyboard: | it types into any program") != 2 || strings.Count(got, "problem | ") != 2 || strings.Count(got, "uaccess") != 2) {
			t.Errorf("%s", got)
		}
	}
}
