package words

import "strings"

// maxGlue is how many bytes of punctuation stay between words of the author and
// what was removed: "interface {} is" has four. More could say something by itself.
const maxGlue = 4

// glue has the punctuation that joins the words of a text. What data are made of,
// as the slashes of a path, goes with them.
const glue = " \t\n\"'`()[]{}<>:;,=.!?"

// A writer writes a text with … where words were removed, once for all that are
// side by side.
type writer struct {
	strings.Builder
	gone bool // … was written last
}

func (w *writer) remove() {
	if !w.gone {
		w.WriteString(Ellipsis)
	}
	w.gone = true
}

func (w *writer) keep(s string) {
	if s != "" {
		w.WriteString(s)
		w.gone = false
	}
}

func (w *writer) token(s string, kept bool) {
	if kept {
		w.keep(s)
	} else {
		w.remove()
	}
}

// separator writes what is between two words, of which the one before and the one
// behind are kept or not. own says that it is the author's.
func (w *writer) separator(s string, before, behind, own bool) {
	head := len(s) - len(strings.TrimLeft(s, glue))
	tail := len(strings.TrimRight(s, glue))
	switch {
	case own && before && behind, before && behind && head == len(s) && len(s) <= maxGlue:
		w.keep(s)
	case before && behind:
		head = min(head, maxGlue)
		w.keep(s[:head])
		w.remove()
		w.keep(s[max(head, tail, len(s)-maxGlue):])
	case before:
		w.keep(s[:min(head, maxGlue)])
	case behind:
		w.keep(s[max(tail, len(s)-maxGlue):])
	}
}
