package scrub

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"github.com/panicreport/sentry/internal/scrub/values"
)

var errNoJSON = errors.New("not a document of JSON")

// document scrubs a document of JSON.
func (p *pass) document(doc []byte) ([]byte, error) {
	v, err := values.Decode(doc)
	if err != nil {
		return nil, fmt.Errorf("scrub document: %w", errNoJSON)
	}
	if m, ok := v.(map[string]any); ok {
		v = p.fields(m)
	} else {
		w := values.NewDocumentWalker(p.texts)
		v, _ = w.Value("", v)
	}
	out, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("scrub document: %w", errNoJSON)
	}
	return out, nil
}

// fields scrubs the fields of a document.
func (p *pass) fields(m map[string]any) map[string]any {
	protocol := make(map[string]any)
	rest := make(map[string]any, len(m))
	for k, v := range m {
		switch {
		case structural[k] && isStructure(v), k == "sdk":
			protocol[k] = v
		case k == "user":
			rest[k] = withoutIdentity(v)
		case k == "request":
			rest[k] = p.requestFields(v)
		default:
			rest[k] = v
		}
	}
	w := values.NewDocumentWalker(p.texts)
	result := w.Map("", rest)
	maps.Copy(result, protocol)
	return result
}

// structural are the fields of a document that Sentry's protocol defines and
// into which an application writes no text of its own. The field sid of a
// session is an id.
var structural = map[string]bool{
	"event_id": true, "check_in_id": true, "monitor_slug": true, "type": true, "platform": true, "level": true,
	"release": true, "environment": true, "dist": true, "timestamp": true, "start_timestamp": true, "status": true,
	"sid": true, "started": true, "init": true, "seq": true, "errors": true, "attrs": true, "duration": true,
	"monitor_config": true, "transaction_info": true, "version": true,
}

// isStructure reports whether a structural field can have the value v. A text
// in it is not longer than a release can be.
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

// withoutIdentity removes the addresses of a user. No placeholder can take
// their place, because their form is checked by the server.
func withoutIdentity(v any) any {
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

// requestFields scrubs the parts of a request that have a grammar, and removes
// its cookies. The other parts stay, to be scrubbed like all fields.
func (p *pass) requestFields(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		text, isText := v.(string)
		switch {
		case k == "cookies":
		case k == "url" && isText:
			out[k] = p.url(text)
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
