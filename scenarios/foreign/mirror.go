package foreign

import (
	"slices"
	"time"
)

// mirrors knows the two ends of one connection where one log has both: a program that
// is terminal and host at once, as tests are, logs each message when it is sent by
// the one and when it is received by the other.
//
// A message that one end has sent and another then receives makes them the two ends of
// a connection. A gateway, which passes on what it received, has the two the other way
// round and stays two connections.
type mirrors struct {
	other map[string]string  // an end to the end whose connection it is
	seen  map[string][]sight // messages of late, by their content
	order []string           // contents, in the order they were seen
}

// A sight is a message on one end of a connection.
type sight struct {
	conn string
	sent bool
	at   time.Time
}

// How far two ends may be apart: in time, and in messages.
const (
	mirrorWindow = 5 * time.Second
	mostSeen     = 1024
)

// see takes a message that one end sent or received. It is a twin where the other end
// has it already; conn and side are those of the end that was there first.
func (m *mirrors) see(conn string, side Side, at time.Time, content string) (as string, way Side, twin bool) {
	if side != Sent && side != Received {
		return conn, side, false
	}
	if m.seen == nil {
		m.other, m.seen = map[string]string{}, map[string][]sight{}
	}
	now := sight{conn, side == Sent, at}
	for i, s := range m.seen[content] {
		if s.sent != now.sent && near(s.at, at) && m.joins(s, now) {
			m.seen[content] = slices.Delete(m.seen[content], i, i+1)
			return conn, side, true
		}
	}
	m.keep(content, now)
	switch first := m.other[conn]; {
	case first == conn && first != "":
		return conn, Unknown, false
	case first != "":
		return first, Sent + Received - side, false
	}
	return conn, side, false
}

// joins reports whether two sights are of the two ends of a connection, as far as it
// is known or as they show it.
func (m *mirrors) joins(before, now sight) bool {
	known, has := m.other[now.conn]
	if has && known == before.conn || !has && m.other[before.conn] == now.conn && now.conn != "" {
		return true
	}
	if _, taken := m.other[before.conn]; has || taken || !before.sent {
		return false
	}
	m.other[now.conn] = before.conn
	return true
}

// near reports whether two times, so far as a log has them, are those of one message.
func near(a, b time.Time) bool {
	return a.IsZero() || b.IsZero() || a.Sub(b).Abs() <= mirrorWindow
}

// keep remembers a message, and forgets the oldest.
func (m *mirrors) keep(content string, s sight) {
	m.seen[content] = append(m.seen[content], s)
	if m.order = append(m.order, content); len(m.order) <= mostSeen {
		return
	}
	oldest := m.order[0]
	m.order = m.order[1:]
	if left := m.seen[oldest]; len(left) > 1 {
		m.seen[oldest] = left[1:]
	} else {
		delete(m.seen, oldest)
	}
}
