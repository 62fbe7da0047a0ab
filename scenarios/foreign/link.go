package foreign

import (
	"github.com/gopacket/gopacket/layers"
)

// linkOf tells what a dumped packet begins with: an IP header (tcpdump -x), Ethernet
// (Wireshark, tcpdump -xx) or Linux's cooked header.
func linkOf(b []byte) (layers.LinkType, bool) {
	ip := func(at int) bool {
		return len(b) > at+20 && (b[at]>>4 == 4 && b[at]&15 >= 5 && int(b[at+2])<<8|int(b[at+3]) <= len(b)-at || b[at]>>4 == 6 && len(b) > at+40)
	}
	ether := func(at int) bool {
		return len(b) > at+2 && (b[at] == 8 && b[at+1] == 0 && ip(at+2) || b[at] == 0x86 && b[at+1] == 0xDD && ip(at+2))
	}
	switch {
	case ip(0):
		return layers.LinkTypeRaw, true
	case ether(12) || len(b) > 16 && b[12] == 0x81 && b[13] == 0 && ether(16):
		return layers.LinkTypeEthernet, true
	case ether(14):
		return layers.LinkTypeLinuxSLL, true
	case ip(4):
		return layers.LinkTypeNull, true
	}
	return 0, false
}
