package icc

// instruction is what the card does for an instruction byte, and in which classes.
type instruction struct {
	classes []byte
	run     func(*machine, command) response
}

var (
	interindustry = []byte{0x00}
	proprietary   = []byte{0x80}
	secured       = []byte{0x84, 0x04} // issuer scripts: EMV Book 3, 6.5; PBOC sends some with 04
)

const insVerify = 0x20

// instructions is all the card knows beside GET RESPONSE, which is the transport's.
var instructions = map[byte]instruction{
	0xA4:      {interindustry, (*machine).selectFile},
	0xB2:      {interindustry, (*machine).readRecord},
	insVerify: {interindustry, (*machine).verify},
	0x84:      {interindustry, (*machine).getChallenge},
	0x88:      {interindustry, (*machine).internalAuthenticate},
	0x82:      {interindustry, (*machine).externalAuthenticate},
	0xA8:      {proprietary, (*machine).getProcessingOptions},
	0xAE:      {proprietary, (*machine).generate},
	0xCA:      {proprietary, (*machine).getData},
	0x1E:      {secured, (*machine).script},
	0x18:      {secured, (*machine).script},
	0x16:      {secured, (*machine).script},
	0x24:      {secured, (*machine).script},
	0xDA:      {secured, (*machine).script},
}

// execute finds the instruction. A class that no instruction has, or another than this
// one has, is 6E00; an instruction unknown in a known class 6D00.
func (m *machine) execute(cmd command) response {
	if cmd.ins != insVerify {
		m.tx.challenge = nil // it is good for the next command alone (EMV Book 3, 6.5.6)
	}
	i, known := instructions[cmd.ins]
	switch {
	case known && in(i.classes, cmd.cla):
		return i.run(m, cmd)
	case known, !in(interindustry, cmd.cla) && !in(proprietary, cmd.cla) && !in(secured, cmd.cla):
		return word(swNoClass)
	}
	return word(swNoInstruction)
}

func in(classes []byte, cla byte) bool {
	for _, c := range classes {
		if c == cla {
			return true
		}
	}
	return false
}
