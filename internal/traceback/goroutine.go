package traceback

import (
	"bytes"
	"strconv"
	"time"
)

// goroutine reads the header of a goroutine:
//
//	goroutine 1 [running]:
//	goroutine 7 [chan receive, 3 minutes, locked to thread]:
//	goroutine 18 gp=0xc000102380 m=0 mp=0x5f2ea0 [syscall (scan), locked to thread]:
//	goroutine 9 [select (durable), synctest bubble 1 labels:{"tenant": "a"}]:
func (p *parser) goroutine(b []byte) bool {
	id, inside, ok := splitHeader(b)
	if !ok {
		return false
	}
	p.enter()
	if p.relayed && p.resume(id) {
		return true
	}
	if len(p.d.Goroutines) == maxGoroutines || p.kept > maxKept {
		p.d.Dropped++
		return true
	}
	p.start(id)
	p.attributes(p.g, inside)
	return true
}

// start adds a goroutine, which receives the frames that follow.
func (p *parser) start(id int64) {
	p.d.Goroutines = append(p.d.Goroutines, Goroutine{ID: id})
	p.g = &p.d.Goroutines[len(p.d.Goroutines)-1]
	p.frames = &p.g.Frames
}

// resume is for a stack that another thread prints on request, with
// GOTRACEBACK=crash. It is the stack of a goroutine that came before without one,
// or of the thread itself, which is not kept. resume returns false if it is that of
// a goroutine which did not come before.
func (p *parser) resume(id int64) bool {
	if id == 0 {
		return true
	}
	for i := range p.d.Goroutines {
		if g := &p.d.Goroutines[i]; g.ID == id {
			if g.Unavailable && len(g.Frames) == 0 {
				g.Unavailable = false
				p.g, p.frames = g, &g.Frames
			}
			return true
		}
	}
	return false
}

// splitHeader returns the number of a goroutine, and what is between the brackets.
func splitHeader(b []byte) (id int64, inside []byte, ok bool) {
	b, begins := bytes.CutPrefix(b, []byte("goroutine "))
	b, ends := bytes.CutSuffix(b, []byte("]:"))
	head, inside, opens := bytes.Cut(b, []byte(" ["))
	if !begins || !ends || !opens {
		return 0, nil, false
	}
	number, pointers, _ := bytes.Cut(head, []byte(" "))
	if len(pointers) > 0 && !bytes.HasPrefix(pointers, []byte("gp=0x")) {
		return 0, nil, false
	}
	id, ok = decimal(number)
	return id, inside, ok
}

// attributes reads what is between the brackets of a header.
func (p *parser) attributes(g *Goroutine, b []byte) {
	if i := bytes.Index(b, []byte(" labels:{")); i >= 0 {
		g.Labels = labels(bytes.TrimSuffix(b[i+len(" labels:{"):], []byte("}")))
		b = b[:i]
	}
	state, rest, more := bytes.Cut(b, []byte(", "))
	// " (scan)" means that the garbage collector looks at the goroutine. It is not
	// part of the goroutine's own state.
	g.State = p.keep(bytes.TrimSuffix(state, []byte(" (scan)")), maxName)
	for more {
		var a []byte
		a, rest, more = bytes.Cut(rest, []byte(", "))
		if string(a) == "locked to thread" {
			g.LockedToThread = true
		} else if n, ok := bytes.CutSuffix(a, []byte(" minutes")); ok {
			minutes, _ := decimal(n)
			g.Wait = time.Duration(min(minutes, maxMinutes)) * time.Minute
		} else if n, ok := bytes.CutPrefix(a, []byte("synctest bubble ")); ok {
			g.Bubble, _ = decimal(n)
		}
	}
}

// maxMinutes is how many minutes a time.Duration can hold.
const maxMinutes = int64(1<<63-1) / int64(time.Minute)

// labels reads profiler labels:
//
//	"route": "/x", "tenant": "a \"quoted\" name"
//
// The runtime escapes them as in Go source, so strconv can read them.
func labels(b []byte) map[string]string {
	m := make(map[string]string)
	s := string(b)
	for len(s) > 0 && len(m) < maxLabels {
		key, rest, ok := unquote(s)
		if !ok || len(rest) < 2 || rest[:2] != ": " {
			break
		}
		value, rest, ok := unquote(rest[2:])
		if !ok {
			break
		}
		m[key] = value
		if len(rest) < 2 {
			break
		}
		s = rest[2:]
	}
	return m
}

// unquote reads a quoted string at the beginning of s.
func unquote(s string) (value, rest string, ok bool) {
	quoted, err := strconv.QuotedPrefix(s)
	if err != nil {
		return "", s, false
	}
	value, err = strconv.Unquote(quoted)
	return value, s[len(quoted):], err == nil
}

// decimal reads a number of digits. ok is false if b has anything else.
func decimal(b []byte) (n int64, ok bool) {
	for _, c := range b {
		digit := int64(c) - '0'
		if digit < 0 || digit > 9 || n > (1<<63-1-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	return n, len(b) > 0
}

// hexadecimal reads "0x" and hexadecimal digits at the beginning of b.
func hexadecimal(b []byte) (n uint64, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(b, []byte("0x"))
	if !ok {
		return 0, b, false
	}
	i := 0
	for ; i < len(rest); i++ {
		c := rest[i]
		switch {
		case '0' <= c && c <= '9':
			n = n<<4 | uint64(c-'0')
		case 'a' <= c && c <= 'f':
			n = n<<4 | uint64(c-'a'+10)
		default:
			return n, rest[i:], i > 0
		}
	}
	return n, nil, i > 0
}
