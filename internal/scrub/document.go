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
		case structural[k]:
			protocol[k] = p.structure(k, v)
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

// structural are the fields of a document that Sentry's protocol defines. The
// field sid of a session is an id.
var structural = map[string]bool{
	"event_id": true, "check_in_id": true, "monitor_slug": true, "type": true, "platform": true, "level": true,
	"release": true, "environment": true, "dist": true, "timestamp": true, "start_timestamp": true, "status": true,
	"sid": true, "started": true, "init": true, "seq": true, "errors": true, "attrs": true, "duration": true,
	"monitor_config": true, "transaction_info": true, "version": true, "sdk": true,
}

// structure scrubs a structural field: its texts, but not by its name, and not its
// ids and versions.
func (p *pass) structure(key string, v any) any {
	switch v := v.(type) {
	case string:
		switch {
		case values.IsID(v):
			return v
		case key == "release":
			return p.release(v)
		case key == "dist", key == "version":
			return p.version(v)
		}
		return p.plain(v, maxTitle)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[p.plain(k, maxTag)] = p.structure(k, item)
		}
		return out
	case []any:
		out := make([]any, min(len(v), maxTags))
		for i := range out {
			out[i] = p.structure("", v[i])
		}
		return out
	}
	return v
}

// withoutIdentity removes the names and the addresses of a user. No placeholder
// can take their place, because their form is checked by the server.
func withoutIdentity(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		switch k {
		case "email", "ip_address", "username", "name":
		default:
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
