package main

import (
	"net"
	"sync"
	"testing"

	"possim/host/wire"
)

// proxy stands between terminal and host and makes trouble once.
type proxy struct {
	t       *testing.T
	addr    string
	host    *hostProcess
	mu      sync.Mutex
	trouble trouble
}

// trouble is what a proxy does next.
type trouble int

const (
	none      trouble = iota
	atAnswer          // kill the host when its answer comes, and lose that
	atRequest         // kill the host instead of handing it the request
	theAnswer         // lose the answer
	aBit              // change the last byte of the answer, which is its MAC's
)

func startProxy(t *testing.T, h *hostProcess) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &proxy{t: t, addr: l.Addr().String(), host: h}
	behind := h.addr
	go func() {
		for {
			terminal, err := l.Accept()
			if err != nil {
				return
			}
			go p.carry(terminal, behind)
		}
	}()
	return p
}

// kill orders trouble.
func (p *proxy) kill(what trouble) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = what
}

// happens reports whether the trouble is what was ordered, once.
func (p *proxy) happens(what trouble) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.trouble != what {
		return false
	}
	p.trouble = none
	return true
}

func (p *proxy) carry(terminal net.Conn, addr string) {
	defer terminal.Close()
	host, err := net.Dial("tcp", addr)
	if err != nil {
		return
	}
	defer host.Close()
	for {
		request, err := wire.ReadFrame(terminal, 0)
		if err != nil {
			return
		}
		if p.happens(atRequest) {
			p.host.kill()
			return
		}
		if wire.WriteFrame(host, request) != nil {
			return
		}
		answer, err := wire.ReadFrame(host, 0)
		if err != nil {
			return
		}
		if p.happens(atAnswer) {
			p.host.kill()
			return
		}
		if p.happens(aBit) {
			answer[len(answer)-1] ^= 1
		}
		if !p.happens(theAnswer) && wire.WriteFrame(terminal, answer) != nil {
			return
		}
	}
}
