//go:build linux || darwin || freebsd

package monitor

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDrain reads what a dead program has left in its pipe, and nothing that
// another process writes after that. The reader begins before the program is dead,
// or only after the other process has written.
func TestDrain(t *testing.T) {
	t.Parallel()
	for _, waiting := range []bool{false, true} {
		r, w, err := os.Pipe()
		require.NoError(t, err)
		defer r.Close()
		defer w.Close()
		d := newDrain(r)
		var text []byte
		read := make(chan struct{})
		begin := func() {
			defer close(read)
			text, err = io.ReadAll(d)
		}
		if waiting {
			go begin()
		}
		_, writeErr := w.WriteString("the last words")
		require.NoError(t, writeErr)
		d.finish()
		_, writeErr = w.WriteString(", and those of an orphan")
		require.NoError(t, writeErr)
		if !waiting {
			go begin()
		}
		<-read
		require.NoError(t, err)
		require.Equal(t, "the last words", string(text))
	}
}

func TestListener(t *testing.T) {
	t.Parallel()
	for text, words := range map[string]string{
		"fatal error: stack overflow\n\nruntime stack:\n":                      "stack overflow",
		"50 %... fatal error: concurrent map writes\n\ngoroutine 1":            "concurrent map writes",
		"fatal error: fault\n[signal SIGSEGV: segmentation violation code=0x1": "",
		"fatal error: fault\n[signal SIGSEGV: segmentation violation]\n":       "fault",
		"fatal error: can not open file\nI am going on\n":                      "",
		"fatal error: one\n\nfatal error: two\n\n":                             "two",
		"fatal error: out of memory":                                           "",
		"nothing of that kind\n":                                               "",
	} {
		for size := 1; size <= len(text); size++ {
			var l listener
			for rest := text; rest != ""; {
				n := min(size, len(rest))
				l.hear([]byte(rest[:n]))
				rest = rest[n:]
			}
			require.Equal(t, words, l.words, "%q in parts of %d", text, size)
		}
	}
}
