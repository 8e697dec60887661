package monitor

import "bytes"

// An Ended is how a program under a supervisor has ended.
type Ended struct {
	Words    string // of its last "fatal error: …" on standard error, or empty
	Tail     []byte // the last whole lines of standard error; nil if that was not watched
	Signal   string // that has ended it, such as "SIGKILL"; empty for none
	Exit     int    // its exit status without a signal
	Resident uint64 // the most memory that it had, in bytes
	CPUSpent bool   // it has had all the processor time that it may have (RLIMIT_CPU)
}

const (
	// maxTail is how much of standard error is kept, in bytes, and tailLines how
	// many lines of it are told: a log.Fatal has one, and some lines before it say
	// how it came to that.
	maxTail   = 8 << 10
	tailLines = 20
)

// A tail keeps the end of a text.
type tail struct{ text []byte }

func (t *tail) hear(text []byte) {
	t.text = append(t.text, text...)
	if n := len(t.text); n > 2*maxTail {
		t.text = append(t.text[:0], t.text[n-maxTail:]...)
	}
}

// lines returns the last lines. The first is left out if it may not be whole.
func (t *tail) lines() []byte {
	text := t.text
	if len(text) > maxTail {
		text = text[len(text)-maxTail:]
		if _, rest, ok := bytes.Cut(text, []byte("\n")); ok {
			text = rest
		}
	}
	text = bytes.TrimRight(text, "\r\n")
	for at, n := len(text), 0; at >= 0; n++ {
		if n == tailLines {
			return text[at+1:]
		}
		at = bytes.LastIndexByte(text[:at], '\n')
	}
	return text
}
