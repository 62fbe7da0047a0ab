package device

import "strings"

// PermissionHint says how a user comes to be allowed to open an input or hidraw
// device. Debian and most others give /dev/input/event* to the group input; hidraw
// belongs to root alone until a udev rule says otherwise (udev(7)).
func PermissionHint(path string) string {
	if strings.Contains(path, "hidraw") {
		return `let udev give it to whoever is logged in: put KERNEL=="hidraw*", ATTRS{idVendor}=="0801", TAG+="uaccess" into /etc/udev/rules.d/60-card-reader.rules, then plug the reader in again`
	}
	return "add yourself to its group with «sudo usermod -aG input $USER», then log in again"
}
