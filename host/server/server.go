// Package server carries frames between terminals and a host over TCP or TLS.
//
//	listener, err := net.Listen("tcp", "127.0.0.1:8583")
//	read := h.Reader(dialect)
//	err = server.Serve(ctx, listener, server.Config{Read: func(frame []byte) server.Request { return read(frame) }, Now: time.Now, Log: log})
//
// Serve takes any listener, a tls.Listener among them. Each connection has one
// goroutine, which answers its frames in their order. What the handler leaves
// unanswered stays unanswered: the connection goes on.
//
// # Many terminals on a connection
//
// Where Read tells terminals apart, frames of different ones are decided side by side,
// and each is answered when its own decision is made, in whatever order that is; those of
// one terminal keep theirs. Answers that are ready together go out in one write.
//
// # What bounds it
//
// At most MaxConns connections are open: one more is closed as soon as it is accepted. At
// most MaxPending frames of a connection are under way: then nothing more is read from it
// until one is answered, and the sender's own window fills. What bounds all connections
// together is the handler's to say, and to answer (host.Host.MostPending).
//
// # What ends a connection
//
// A length beyond MaxFrame (after it nobody knows where the next frame begins), a
// stream that ends inside a frame, no whole frame within Idle (bytes that drip in
// one by one do not extend it), an answer that is not taken within SendWait, and
// the end of ctx. Each is logged with its reason.
//
// # Stopping
//
// When ctx ends, Serve stops accepting, lets every frame that was received be
// decided and answered, closes the connections, and returns nil. A frame is never
// dropped between its posting and its answer.
package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"possim/host/wire"
)

// Handler answers one frame; ok is false when nothing is to be sent.
type Handler func(ctx context.Context, frame []byte) (answer []byte, ok bool)

// Request is a frame that was read. It is answered once.
type Request interface {
	// Whose tells terminals apart.
	Whose() string
	// Answer appends the answer to dst; ok is false when nothing is to be sent. Until it
	// returns the frame is not written to.
	Answer(ctx context.Context, dst []byte) (answer []byte, ok bool)
}

// What a Config leaves at zero.
const (
	UsualIdle       = 5 * time.Minute
	UsualMaxConns   = 16384
	UsualMaxPending = 256
)

// Config is how to serve.
type Config struct {
	Handle Handler
	Now    func() time.Time // the clock that the network's deadlines go by: the real one

	Idle     time.Duration // within which a whole frame must come; 0 is UsualIdle
	SendWait time.Duration // within which an answer must be taken; 0 is wire.UsualSendWait
	MaxConns int           // 0 is UsualMaxConns
	MaxFrame int           // bytes; 0 is wire.UsualMost

	// Read takes a frame apart, so that it is known whose it is before it is answered. nil,
	// and frames of a connection are handled one after the other, by Handle.
	Read       func(frame []byte) Request
	MaxPending int // frames of one connection under way; 0 is UsualMaxPending

	// Wrap decorates each connection: faults and the recorder enter here.
	Wrap func(wire.Link) wire.Link
	Log  zerolog.Logger
}

// Serve accepts connections until ctx ends, and returns when the last one is
// closed. It closes the listener. Its error is that of a listener that broke.
func Serve(ctx context.Context, listener net.Listener, c Config) error {
	s := &server{Config: c, free: make(chan struct{}, 1)}
	s.Idle, s.MaxConns, s.MaxPending = cmp.Or(c.Idle, UsualIdle), cmp.Or(c.MaxConns, UsualMaxConns), cmp.Or(c.MaxPending, UsualMaxPending)
	stop := context.AfterFunc(ctx, func() { listener.Close() })
	defer stop()
	defer s.conns.Wait()
	defer listener.Close()
	return s.accept(ctx, listener)
}

type server struct {
	Config
	conns sync.WaitGroup
	free  chan struct{} // holds a token after a connection ended

	mu   sync.Mutex
	open int
	last int // number of the last connection
}

func (s *server) accept(ctx context.Context, listener net.Listener) error {
	for {
		stream, err := listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				stream.Close()
			}
			return nil
		case err == nil:
			s.admit(ctx, stream)
		case errors.Is(err, net.ErrClosed) || !s.anyOpen():
			return fmt.Errorf("accepting connections on %s: %w", listener.Addr(), err)
		default: // out of file descriptors, most likely
			s.Log.Error().Err(err).Msg("a connection could not be accepted: waiting for another to end")
			select {
			case <-s.free:
			case <-ctx.Done():
			}
		}
	}
}

func (s *server) anyOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open > 0
}

// admit starts a connection, unless there are too many.
func (s *server) admit(ctx context.Context, stream net.Conn) {
	s.mu.Lock()
	s.last++
	log := s.Log.With().Int("conn", s.last).Stringer("peer", stream.RemoteAddr()).Logger()
	full := s.open >= s.MaxConns
	if !full {
		s.open++
	}
	s.mu.Unlock()
	if full {
		log.Warn().Int("most", s.MaxConns).Msg("connection refused: too many are open")
		stream.Close()
		return
	}
	s.conns.Go(func() {
		defer s.leave()
		s.serve(ctx, stream, log)
	})
}

func (s *server) leave() {
	s.mu.Lock()
	s.open--
	s.mu.Unlock()
	select {
	case s.free <- struct{}{}:
	default:
	}
}

// serve answers the frames of one connection.
func (s *server) serve(ctx context.Context, stream net.Conn, log zerolog.Logger) {
	conn := wire.NewConn(stream, s.Now)
	conn.Most, conn.SendWait = s.MaxFrame, s.SendWait
	link := wire.Link(conn)
	if s.Wrap != nil {
		link = s.Wrap(link)
	}
	defer link.Close()
	crew := s.crew(link, log)
	defer crew.work.Wait() // what was received is finished before the connection is closed
	log.Debug().Msg("connected")
	// What was received is finished even when ctx ends meanwhile.
	work := context.WithoutCancel(ctx)
	for {
		frame, err := crew.receive(ctx)
		if err != nil {
			farewell(log, err)
			return
		}
		if !crew.take(work, frame) {
			return
		}
	}
}

// farewell logs why no further frame is read.
func farewell(log zerolog.Logger, err error) {
	switch {
	case errors.Is(err, wire.ErrFrameTooLong), errors.Is(err, wire.ErrCutOff):
		log.Warn().Err(err).Msg("connection closed: no frame can be read from it")
	case errors.Is(err, wire.ErrNoAnswer):
		log.Info().Err(err).Msg("connection closed: idle")
	case errors.Is(err, context.Canceled):
		log.Debug().Msg("connection closed: the host stops")
	case errors.Is(err, io.EOF):
		log.Debug().Msg("the other side hung up")
	default:
		log.Info().Err(err).Msg("connection closed")
	}
}
