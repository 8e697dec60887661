package scrub

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/panicreport/sentry/internal/scrub/values"
)

var errNoJSON = errors.New("not a document of JSON")

// JSON returns a document, the payload of an envelope item that is no event,
// without what is secret. What the protocol needs stays as it is: ids, times,
// the release and the environment, the status and the kind of things. Bytes
// that are no JSON are an error, with no part of them in its text.
func (s *Scrubber) JSON(doc []byte) ([]byte, error) {
	v, err := values.Decode(doc)
	if err != nil {
		return nil, fmt.Errorf("scrub document: %w", errNoJSON)
	}
	root, ok := v.(map[string]any)
	if !ok {
		w := values.NewDocumentWalker(&s.texts)
		v, _ = w.Value("", v)
	} else {
		v = s.root(root)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("scrub document: %w", errNoJSON)
	}
	return out, nil
}

// root scrubs the fields of a document.
func (s *Scrubber) root(m map[string]any) any {
	protocol := make(map[string]any)
	rest := make(map[string]any, len(m))
	for k, v := range m {
		switch {
		case structural[k] && isStructure(v), k == "sdk":
			protocol[k] = v
		case k == "user":
			rest[k] = withoutAddress(v)
		case k == "request":
			rest[k] = s.requestDocument(v)
		default:
			rest[k] = v
		}
	}
	w := values.NewDocumentWalker(&s.texts)
	result := w.Map("", rest)
	maps.Copy(result, protocol)
	return result
}

// structural are the fields of a document that the protocol reads and nobody
// fills with text of their own. The sid of a session is its number.
var structural = map[string]bool{
	"event_id": true, "check_in_id": true, "monitor_slug": true, "type": true, "platform": true, "level": true,
	"release": true, "environment": true, "dist": true, "timestamp": true, "start_timestamp": true, "status": true,
	"sid": true, "started": true, "init": true, "seq": true, "errors": true, "attrs": true, "duration": true,
	"monitor_config": true, "transaction_info": true, "version": true,
}

// isStructure reports whether a value is what the protocol has there: no
// longer than a release may be.
func isStructure(v any) bool {
	const longest = 250
	switch v := v.(type) {
	case string:
		return len(v) <= longest
	case []any:
		return false
	}
	return true
}

// withoutAddress removes from a user what says who it is; the fields have a
// grammar, in which nothing can stand for it.
func withoutAddress(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		if k != "email" && k != "ip_address" {
			out[k] = v
		}
	}
	return out
}

// requestDocument scrubs what is a URL in a request, and removes its cookies.
func (s *Scrubber) requestDocument(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	p := eventPass{Scrubber: s}
	out := make(map[string]any, len(m))
	for k, v := range m {
		text, isText := v.(string)
		switch {
		case k == "cookies":
		case k == "url" && isText:
			out[k] = p.address(text)
		case k == "query_string" && isText:
			out[k] = p.query(text)
		case k == "data" && isText:
			out[k] = p.body(text)
		default:
			out[k] = v
		}
	}
	return out
}
