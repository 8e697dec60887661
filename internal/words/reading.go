package words

import (
	"slices"
	"strings"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/image"
)

// Ellipsis takes the place of what is not the author's.
const Ellipsis = "…"

// maxTexts bounds how many bytes of texts one report has. Those beyond are removed.
const maxTexts = 4 << 20

// A Reading tells whose the words of the texts of one report are. It is used by one
// goroutine.
type Reading struct {
	image  *image.Image // nil if there is none
	memory *Memory      // of readings of the same image, or nil
	known  map[string]*text
	whole  map[string]*bool
	size   int
}

// A text is one of those of a report.
type text struct {
	s      string
	at     int // where it begins in the text of the finder
	tokens []token
	spans  []span // that are the author's
	// perhaps are those that are if they are beside one that is.
	perhaps []span
	// shown is set if it was decided on before.
	shown *string
	// found is set if all of the text is in the image. Nothing else is asked of such
	// a text.
	found *bool
}

// A span is a part of a text.
type span struct{ from, to int }

// NewReading returns a Reading for the program with this image, or nil if it has
// none that could be found. The memory is that of all readings of the image; nil is
// none.
func NewReading(im *image.Image, m *Memory) *Reading {
	return &Reading{image: im, memory: m, known: make(map[string]*text), whole: make(map[string]*bool)}
}

// Add adds a text that is to be decided on.
func (r *Reading) Add(t string) {
	if t == "" || r.known[t] != nil || r.size+len(t) > maxTexts {
		return
	}
	r.known[t] = &text{s: t}
	r.size += len(t)
	if shown, ok := r.memory.text(t); ok {
		r.known[t].shown = &shown
	}
}

// AddWhole adds a text of which is to be decided only whether all of it is in the
// image, wherever it is.
func (r *Reading) AddWhole(t string) {
	if len(t) < gram || r.whole[t] != nil || r.size+len(t) > maxTexts {
		return
	}
	r.whole[t] = new(bool)
	r.size += len(t)
}

// IsWhole reports whether all of a text that was added with AddWhole is in the
// image. What is too short to be found is not.
func (r *Reading) IsWhole(t string) bool { return r.whole[t] != nil && *r.whole[t] }

// Decide reads the image, and decides on all texts that were added. Texts that are
// added later are not decided on: nothing of them stays.
func (r *Reading) Decide() {
	defer contain.Fault(func() { // of the texts, nothing stays
		clear(r.known)
		clear(r.whole)
	})
	e := evidence{}
	for _, t := range r.known {
		if t.shown == nil {
			t.tokens = tokens(t.s)
			e.add(t)
		}
	}
	for t, found := range r.whole {
		if whole, ok := r.memory.isWhole(t); ok {
			*found = whole
		} else {
			e.add(&text{s: t, found: found})
		}
	}
	if len(e.texts) == 0 {
		return
	}
	e.addProbes()
	e.finder = newFinder(e.all)
	e.markNames()
	e.finder.find(phrases(), e.exact)
	complete := true
	if r.image != nil {
		if err := r.image.Each(func(part []byte) { e.finder.find(part, e.weigh) }); err != nil {
			for _, t := range r.known {
				t.spans = nil // what was found before may be of a file that is being written
			}
			for _, found := range r.whole {
				*found = false
			}
			complete = false
		}
	}
	for _, t := range r.known {
		if t.shown == nil {
			t.settle()
		}
	}
	if complete {
		r.memory.remember(r, e.finder.work > 0)
	}
}

// Text returns t with the words of the author, and … for the rest.
func (r *Reading) Text(t string) string {
	if known := r.known[t]; known != nil && known.shown != nil {
		return *known.shown
	} else if known != nil {
		return known.render()
	}
	if t == "" {
		return ""
	}
	return Ellipsis
}

// settle marks the tokens that stay. Names are found beside words that stay, and
// words beside names.
func (t *text) settle() {
	t.runtimes()
	t.take()
	if t.names() {
		t.take()
		t.names()
	}
	t.join()
	t.numbers()
}

// take takes what stands beside the spans, and marks the tokens of all spans.
func (t *text) take() {
	t.join()
	for t.adopt() {
		t.join()
	}
	n := 0
	for i := range t.tokens {
		k := &t.tokens[i]
		for n < len(t.spans) && t.spans[n].to < k.to {
			n++
		}
		k.kept = n < len(t.spans) && t.spans[n].from <= k.from
	}
}

// join sorts the spans, and joins those that overlap.
func (t *text) join() {
	slices.SortFunc(t.spans, func(a, b span) int { return a.from - b.from })
	joined := t.spans[:0]
	for _, s := range t.spans {
		if last := len(joined) - 1; last >= 0 && s.from <= joined[last].to {
			joined[last].to = max(joined[last].to, s.to)
		} else {
			joined = append(joined, s)
		}
	}
	t.spans = joined
}

// adopt takes what may be the author's where something that is stands beside it, and
// reports whether there was such.
func (t *text) adopt() (adopted bool) {
	rest := t.perhaps[:0]
	for _, s := range t.perhaps {
		if t.isBeside(s) {
			t.spans = append(t.spans, s)
			adopted = true
		} else {
			rest = append(rest, s)
		}
	}
	t.perhaps = rest
	return adopted
}

// isBeside reports whether there is nothing but punctuation between s and one of the
// spans.
func (t *text) isBeside(s span) bool {
	for _, own := range t.spans {
		from, to := s.to, own.from
		if own.from < s.from {
			from, to = own.to, s.from
		}
		if from >= to || strings.Trim(t.s[from:to], glue) == "" {
			return true
		}
	}
	return false
}

// render writes the text.
func (t *text) render() string {
	var w writer
	done := 0
	for i, k := range t.tokens {
		w.separator(t.s[done:k.from], i == 0 || t.tokens[i-1].kept, k.kept, t.covers(done, k.from))
		w.token(t.s[k.from:k.to], k.kept)
		done = k.to
	}
	w.separator(t.s[done:], len(t.tokens) == 0 || t.tokens[len(t.tokens)-1].kept, true, t.covers(done, len(t.s)))
	return w.String()
}

// covers reports whether a part of the text is the author's.
func (t *text) covers(from, to int) bool {
	n, found := slices.BinarySearchFunc(t.spans, from, func(s span, from int) int { return s.from - from })
	if !found {
		n--
	}
	return n >= 0 && t.spans[n].from <= from && to <= t.spans[n].to
}
