// Package own lets only the program's own words out of what is sent: for the option
// WithOwnWords. Package words decides which those are. This package knows where they
// are in the documents and attachments that go to Sentry, and what of these has to
// stay valid.
//
// It works on the finished document, and keeps only what it knows: a field that
// sentry-go adds one day is removed until somebody has said what it is. What is not
// text stays where Sentry's protocol gives it a meaning: ids of events and traces,
// times, numbers of lines. Everything else is free: of its texts and names the
// program's own words stay, and of its numbers the small ones.
//
// Three things say that a text is the program's, beside package words. Its bytes lie
// in the image: then it is a literal. The library has made it of what the runtime
// says of the program, as the name of a function. Or the application says so, see
// [Safe].
package own

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/image"
	"github.com/panicreport/sentry/internal/scrub/values"
	"github.com/panicreport/sentry/internal/words"
)

// Words is the configuration. It may be used from several goroutines.
type Words struct {
	safe   map[string]bool
	image  func() *image.Image
	memory words.Memory
}

// New returns Words for which safe are the application's, wherever they are. trouble
// is told, once, that there is no image.
func New(trouble func(error), safe ...string) *Words {
	w := &Words{safe: make(map[string]bool, len(safe))}
	for _, t := range safe {
		w.safe[t] = true
	}
	w.image = sync.OnceValue(func() *image.Image {
		im, err := image.Own()
		if err != nil {
			trouble(err)
		}
		return im
	})
	return w
}

// Known returns what is known of a report: nothing yet.
func (w *Words) Known() *Known {
	return &Known{texts: make(map[string]bool), safe: w.safe, image: w.image}
}

// Tags returns those of tags whose names and values are the program's without a
// doubt. It does not read the image.
func (w *Words) Tags(tags map[string]string) map[string]string {
	k := w.Known()
	out := make(map[string]string, len(tags))
	for name, value := range tags {
		if k.isKnown(name) && k.isKnown(value) {
			out[name] = value
		}
	}
	return out
}

// Report returns the payload of an item and the attachments that go with it, with
// nothing but the program's own words. All their texts are decided on together. It
// is an error if the payload is no document of JSON; nil is none at all.
func (w *Words) Report(k *Known, payload []byte, files []*sentry.Attachment) ([]byte, []*sentry.Attachment, error) {
	var doc any
	if payload != nil {
		var err error
		if doc, err = values.Decode(payload); err != nil {
			return nil, nil, errors.New("keep own words: not a document of JSON")
		}
	}
	reading := words.NewReading(w.image(), &w.memory)
	if k.foreign {
		reading = words.NewReading(nil, nil)
	}
	p := &pass{known: k, reading: reading, collecting: true}
	p.document(doc)
	p.attachments(files)
	p.reading.Decide()
	p.collecting = false
	doc, files = p.document(doc), p.attachments(files)
	if payload == nil {
		return nil, files, nil
	}
	out, err := json.Marshal(doc)
	if err != nil {
		return nil, nil, fmt.Errorf("keep own words: %w", err)
	}
	return out, files, nil
}

// Header removes from the header of an envelope what is not the program's. Its trace
// can have come from another program.
func (w *Words) Header(header map[string]any) {
	p := &pass{known: w.Known(), reading: words.NewReading(nil, nil)}
	for name, rule := range map[string]rule{"trace": rules().trace, "sdk": rules().sdk} {
		switch v := header[name].(type) {
		case map[string]any:
			header[name] = rule(p, "", v)
		case map[string]string:
			m := make(map[string]any, len(v))
			for k, text := range v {
				m[k] = text
			}
			header[name] = rule(p, "", m)
		}
	}
}
