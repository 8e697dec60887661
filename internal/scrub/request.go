package scrub

import (
	"encoding/json"
	"net/netip"
	"net/url"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
)

// hiddenHost takes the place of an IP address as the host of a URL. A
// placeholder with brackets would make the URL invalid. No host has this name;
// RFC 2606.
const hiddenHost = "ip.invalid"

// request scrubs a request. All of its cookies are removed.
func (p *pass) request(e *sentry.Event) {
	if e.Request == nil {
		return
	}
	r := *e.Request
	r.Cookies = ""
	r.URL = p.url(r.URL)
	r.Method = p.line(r.Method, maxTag)
	r.QueryString = p.query(r.QueryString)
	r.Data = p.body(r.Data)
	r.Headers = p.stringMap(r.Headers)
	r.Env = p.stringMap(r.Env)
	e.Request = &r
}

// url scrubs a URL. The result is a valid URL, or "" if there is none.
func (p *pass) url(raw string) string {
	if raw == "" || p.text(raw) == texts.Filtered { // raw is a DSN
		return ""
	}
	t := p.line(withoutOwner(raw), texts.MaxText)
	if _, err := url.Parse(t); err != nil {
		t, _, _ = strings.Cut(t, "?")
		if _, err := url.Parse(t); err != nil {
			return ""
		}
	}
	return t
}

// withoutOwner removes from a URL what must not become a placeholder, because
// the URL would be invalid: the user, and an IP address that is the host.
//
//	https://bob:hunter2@10.1.2.3:8080/x
func withoutOwner(raw string) string {
	scheme, rest, found := strings.Cut(raw, "://")
	if !found || !isScheme(scheme) {
		return raw
	}
	host, path := rest, ""
	if n := strings.IndexAny(rest, "/?#"); n >= 0 {
		host, path = rest[:n], rest[n:]
	}
	host = host[strings.LastIndexByte(host, '@')+1:]
	name, port := host, ""
	if n := strings.LastIndexByte(host, ':'); n > strings.LastIndexByte(host, ']') {
		name, port = host[:n], host[n:]
	}
	a, err := netip.ParseAddr(strings.ReplaceAll(strings.Trim(name, "[]"), "%25", "%"))
	if err == nil && texts.Identifies(a) || name == texts.IPRemoved {
		name = hiddenHost
	}
	return scheme + "://" + name + port + path
}

// isScheme reports whether s is the scheme of a URL as programs use it. The
// grammar also allows + - and a point in it.
func isScheme(s string) bool {
	const longest = 64
	return len(s) <= longest && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
}

// query scrubs a query. It decodes each value and scrubs it by its name and its
// text.
func (p *pass) query(q string) string {
	q = p.long(q)
	if strings.IndexByte(q, '%') < 0 {
		return q
	}
	parts := strings.Split(q, "&")
	for i, part := range parts {
		key, value, found := strings.Cut(part, "=")
		text, err := url.QueryUnescape(value)
		if !found || err != nil || text == value {
			continue
		}
		name, _ := url.QueryUnescape(key)
		if next := p.text(p.named(name, text)); next != text {
			parts[i] = key + "=" + url.QueryEscape(next)
		}
	}
	return strings.Join(parts, "&")
}

// body scrubs the body of a request, which can be JSON, a form, or any text.
func (p *pass) body(data string) string {
	if data == "" {
		return ""
	}
	if c := strings.TrimLeft(data, " \t\r\n"); c != "" && (c[0] == '{' || c[0] == '[') && len(data) <= values.MaxBytes {
		if t, ok := p.jsonBody(data); ok {
			return t
		}
	}
	if strings.Contains(data, "=") && !strings.ContainsAny(data, " \n{<") {
		return p.query(data)
	}
	return p.long(data)
}

// jsonBody scrubs a body that is JSON. The result is JSON. It reports false if
// the body is no JSON or its result is too large.
func (p *pass) jsonBody(data string) (string, bool) {
	v, err := values.Decode([]byte(data))
	if err != nil {
		return "", false
	}
	w := values.NewWalker(p.texts)
	next, changed := w.Value("", v)
	if changed {
		doc, err := json.Marshal(next)
		if err != nil {
			return "", false
		}
		data = string(doc)
	}
	p.size += len(data)
	return data, len(data) <= values.MaxBytes
}
