package foreign

// stream cuts the bytes of one direction of a connection into messages. How their
// length stands before them shows in the first that is a message in some dialect.
type stream struct {
	tell   *Tell
	length *length
	buf    []byte
	bad    int    // bytes that were no message
	lost   []byte // the first of them
	good   int    // messages
}

// add takes bytes and gives out the messages that are whole with them.
func (s *stream) add(data []byte, out func(frame []byte)) {
	s.buf = append(s.buf, data...)
	for len(s.buf) > 0 {
		size, ok := s.cut(out)
		if !ok {
			return
		}
		s.buf = s.buf[size:]
	}
	s.buf = nil
}

// cut gives out the first message and returns how many bytes it took with its
// length; ok is false while it is not whole.
func (s *stream) cut(out func([]byte)) (taken int, ok bool) {
	if len(s.buf) >= 2 && s.buf[0] == 0 && s.buf[1] == 0 && (s.length == nil || s.length.size == 2) && s.quiet() {
		return 2, true // a length of zero keeps the connection alive
	}
	if s.length != nil {
		size, said := s.length.of(s.buf)
		switch {
		case !said && len(s.buf) < s.length.size:
			return 0, false
		case !said || size < shortest:
			return s.lose(), true
		case len(s.buf) < s.length.size+size:
			return 0, false
		}
		return s.give(*s.length, size, out), true
	}
	waits := false
	for _, l := range lengths {
		size, said := l.of(s.buf)
		switch {
		case !said && len(s.buf) < l.size:
			waits = true
		case !said || size < shortest:
		case len(s.buf) < l.size+size:
			waits = waits || size <= usualMessage
		default:
			if _, ok := s.tell.Message(s.buf[l.size : l.size+size]); ok {
				s.length = &l
				return s.give(l, size, out), true
			}
		}
	}
	if waits && len(s.buf) < 2*usualMessage {
		return 0, false
	}
	return s.lose(), true
}

// usualMessage is longer than a message is, where nobody says how long it is.
const usualMessage = 8192

// quiet reports whether two bytes of zero are a length of their own: behind them
// comes nothing, or another length of two bytes.
func (s *stream) quiet() bool {
	if s.length != nil || len(s.buf) == 2 {
		return true
	}
	size, said := lengths[0].of(s.buf[2:])
	return said && (size == 0 || size >= shortest) && size == len(s.buf)-4
}

func (s *stream) give(l length, size int, out func([]byte)) int {
	frame := s.buf[l.size : l.size+size]
	if whole, ok := s.tell.Message(frame); ok {
		frame = whole
	}
	s.good++
	out(frame)
	return l.size + size
}

// mostLost is how much of what is no message is kept to say what it is.
const mostLost = 64

// lose drops what is no message: all there is, since nothing says where the next
// begins but the next packet.
func (s *stream) lose() int {
	if s.bad == 0 {
		s.lost = append([]byte(nil), s.buf[:min(len(s.buf), mostLost)]...)
	}
	s.bad += len(s.buf)
	s.length = nil
	return len(s.buf)
}

// reset begins again behind a hole.
func (s *stream) reset() { s.buf = nil }
