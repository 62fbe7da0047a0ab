package foreign

import (
	"encoding/json"
	"html"
	"strconv"
	"strings"
)

// A quoting is how another program wrote the lines of a log into its own, and how to
// get them back: a container's log in JSON, an export, a mail, a page, a string of a
// program. A line that was several gets carriage returns in their place, and keeps
// its number.
type quoting struct {
	name string
	line func(string) string
}

var (
	colours    = late(`\x1b\[[0-9;?]*[ -/]*[@-~]`)
	backslashQ = late(`<(?:isomsg|log|field)\b[^<>"\\]*=\\"`)
	doubledQ   = late(`<(?:isomsg|log|field)\b[^<>"]*=""[^"> /]`)
	printableQ = late(`<(?:isomsg|log|field)\b[^<>"]*=3D["']`)
	plainMark  = late(`<(?:isomsg|log)[ >]`)
)

// quotings finds what has to be undone, the outermost first.
func quotings(head string) (all []quoting) {
	if strings.Contains(head, "\x1b[") {
		all = append(all, quoting{"with colours", func(s string) string { return colours().ReplaceAllString(s, "") }})
	}
	switch {
	case isContained(head):
		c := &container{stamped: !strings.Contains(head, "isomsg")}
		all = append(all, quoting{"one record in JSON for each line", c.line})
	case printableQ().MatchString(head):
		p := &printable{}
		all = append(all, quoting{"in quoted-printable", p.line})
	case strings.Contains(head, "&lt;isomsg") && !plainMark().MatchString(head):
		all = append(all, quoting{"in a page of HTML", func(s string) string {
			return strings.ReplaceAll(html.UnescapeString(s), "\u00a0", " ")
		}})
	case isJSON([]byte(head)): // jPOS's own records
	case backslashQ().MatchString(head):
		all = append(all, quoting{"in a string with backslashes", unescaped})
	case doubledQ().MatchString(head):
		all = append(all, quoting{"with doubled quotes, as CSV has them", func(s string) string { return strings.ReplaceAll(s, `""`, `"`) }})
	}
	return all
}

// lineMembers are the members of a record that hold a line: of Docker, of Elastic's and
// Splunk's shippers and exports, of CloudWatch, of journald, of Google's logging.
var lineMembers = strings.Fields("log message _raw @message MESSAGE textPayload line")

// A container takes lines out of records in JSON.
type container struct {
	stamped bool // lines get the record's time: those of XML have their own
	behind  int  // line ends that are still to come
}

// isContained reports whether a log's first line is a record that holds a line.
func isContained(head string) bool {
	first, _, whole := strings.Cut(strings.TrimLeft(head, " \t\r\n"), "\n")
	if !whole && !strings.HasSuffix(strings.TrimSpace(first), "}") {
		return false
	}
	r := members(first)
	_, key := textOf(r)
	_, tag := r["tag"]
	_, kind := r["kind"]
	return key != "" && !(r["ts"] != nil && (tag || kind)) // jPOS's own have a time and a kind
}

func members(line string) (r map[string]json.RawMessage) {
	if json.Unmarshal([]byte(strings.TrimSpace(line)), &r) != nil {
		return nil
	}
	for _, outer := range []string{"_source", "result"} { // Kibana's and Splunk's exports
		var inner map[string]json.RawMessage
		if r[outer] != nil && json.Unmarshal(r[outer], &inner) == nil && len(inner) > 0 {
			return inner
		}
	}
	return r
}

// textOf returns the line that a record holds, and under which name.
func textOf(r map[string]json.RawMessage) (text, key string) {
	for _, key := range lineMembers {
		if r[key] != nil && json.Unmarshal(r[key], &text) == nil {
			return text, key
		}
	}
	return "", ""
}

// line takes a line out of its record. Docker writes a long one in several records,
// the last of which has its end.
func (c *container) line(record string) string {
	r := members(record)
	text, key := textOf(r)
	if key == "" {
		return record
	}
	if key == "log" && r["stream"] != nil && !strings.HasSuffix(text, "\n") {
		c.behind++
		return text
	}
	text = strings.NewReplacer("\r\n", "\r", "\n", "\r").Replace(strings.TrimRight(text, "\r\n"))
	if c.stamped {
		text = timeOf(r) + text
	}
	text += strings.Repeat("\n", 1+c.behind)
	c.behind = 0
	return text
}

// timeOf is when a record was written, in its own words.
func timeOf(r map[string]json.RawMessage) string {
	for _, key := range []string{"time", "@timestamp", "timestamp", "_time"} {
		var at string
		if r[key] != nil && json.Unmarshal(r[key], &at) == nil {
			return at + " "
		}
	}
	return ""
}

// printable undoes the quoting of mail (RFC 2045, 6.7).
type printable struct{ behind int }

func (p *printable) line(s string) string {
	body := strings.TrimRight(s, " \t\r\n")
	soft := strings.HasSuffix(body, "=")
	body = strings.TrimSuffix(body, "=")
	var out strings.Builder
	for i := 0; i < len(body); i++ {
		if body[i] == '=' && i+2 < len(body) {
			if n, err := strconv.ParseUint(body[i+1:i+3], 16, 8); err == nil {
				out.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		out.WriteByte(body[i])
	}
	if soft {
		p.behind++
		return out.String()
	}
	out.WriteString(strings.Repeat("\n", 1+p.behind))
	p.behind = 0
	return out.String()
}

var escapes = strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\/`, `/`, `\\`, `\`, `\r\n`, "\r", `\n`, "\r", `\r`, "\r", `\t`, "\t",
	`\u003c`, "<", `\u003e`, ">", `\u0026`, "&", `\u003C`, "<", `\u003E`, ">", `\u0022`, `"`, `\u0027`, "'")

// unescaped undoes the backslashes of a string as Java, JSON and C write it.
func unescaped(s string) string { return escapes.Replace(s) }
