package foreign

import (
	"encoding/binary"
	"fmt"
	"io"
)

// guard passes a pcapng file on block by block, after looking at each: the library
// that reads them believes every length that it finds, and would allocate four
// gigabytes for one that was damaged.
type guard struct {
	in    io.Reader
	order binary.ByteOrder
	rest  []byte
	block int
	err   error
}

// The blocks of a pcapng file that have a length inside (draft-ietf-opsawg-pcapng).
const (
	sectionBlock   = 0x0A0D0D0A
	obsoletePacket = 2
	enhancedPacket = 6
	byteOrderMagic = 0x1A2B3C4D
	mostBlock      = 16 << 20
	smallestBlock  = 12
)

// Read gives out the bytes of blocks that are good.
func (g *guard) Read(p []byte) (int, error) {
	for len(g.rest) == 0 {
		if g.err != nil {
			return 0, g.err
		}
		g.rest, g.err = g.next()
	}
	n := copy(p, g.rest)
	g.rest = g.rest[n:]
	return n, nil
}

// next reads a block.
func (g *guard) next() ([]byte, error) {
	head := make([]byte, smallestBlock)
	if n, err := io.ReadFull(g.in, head); err == io.ErrUnexpectedEOF {
		return nil, fmt.Errorf("block %d is cut off after %d bytes", g.block+1, n)
	} else if err != nil {
		return nil, err
	}
	g.block++
	if binary.LittleEndian.Uint32(head) == sectionBlock {
		g.order = binary.ByteOrder(binary.LittleEndian)
		if binary.BigEndian.Uint32(head[8:]) == byteOrderMagic {
			g.order = binary.BigEndian
		}
	}
	if g.order == nil {
		return nil, fmt.Errorf("block %d comes before a section header", g.block)
	}
	size := g.order.Uint32(head[4:])
	if size < smallestBlock || size%4 != 0 || size > mostBlock {
		return nil, fmt.Errorf("block %d says it is %d bytes long", g.block, size)
	}
	block := make([]byte, size)
	copy(block, head)
	if _, err := io.ReadFull(g.in, block[smallestBlock:]); err != nil {
		return nil, fmt.Errorf("block %d is cut off: it says it is %d bytes long", g.block, size)
	}
	if g.order.Uint32(block[size-4:]) != size {
		return nil, fmt.Errorf("block %d has two lengths, %d and %d", g.block, size, g.order.Uint32(block[size-4:]))
	}
	if kind := g.order.Uint32(head); kind == enhancedPacket || kind == obsoletePacket {
		if size < 32 || g.order.Uint32(block[20:]) > size-32 {
			return nil, fmt.Errorf("block %d has a packet that is longer than the block", g.block)
		}
	}
	return block, nil
}
