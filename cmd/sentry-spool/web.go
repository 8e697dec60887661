package main

import (
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/sentrytest"
)

// readTimeout is for one request of a browser on the same machine.
const readTimeout = 10 * time.Second

// serveWeb serves the reports in dir as pages on a loopback port, until it is killed,
// and writes their address to w.
func serveWeb(w io.Writer, dir string) error {
	store, err := openStore(dir)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen on a loopback port: %w", err)
	}
	site := &site{store: store, host: listener.Addr().String(), token: rand.Text()}
	if _, err := fmt.Fprintf(w, "http://%s/%s/\n", site.host, site.token); err != nil {
		return err
	}
	server := &http.Server{Handler: site.handler(), ReadTimeout: readTimeout}
	return server.Serve(listener)
}

// A site shows the reports of a store. The directory is readable for its owner only, but
// a loopback port is open to everybody on the machine, and to every page in the owner's
// browser. So each path begins with a token that only the owner's terminal has shown.
type site struct {
	store *spool.Store
	host  string
	token string
}

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{token}/{$}", s.list)
	mux.HandleFunc("GET /{token}/report/{id}", s.report)
	mux.HandleFunc("GET /{token}/style.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		_, _ = io.WriteString(w, style)
	})
	return s.guarded(mux)
}

// policy allows the one style sheet, and nothing else: no script, no image, no frame, no
// form. The text of a report is not interpreted, and if it were, it could do nothing.
const policy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guarded lets only requests with the token through. It also compares the Host, because a
// name that a stranger's server resolves to 127.0.0.1 would make that server's pages
// the same origin as these.
func (s *site) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Content-Security-Policy":      policy,
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer", // it would have the token
			"Cross-Origin-Resource-Policy": "same-origin",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cache-Control":                "no-store",
		} {
			w.Header().Set(name, value)
		}
		prefix := "/" + s.token + "/"
		path := r.URL.Path[:min(len(r.URL.Path), len(prefix))]
		if r.Host != s.host || subtle.ConstantTimeCompare([]byte(path), []byte(prefix)) != 1 {
			http.NotFound(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *site) list(w http.ResponseWriter, _ *http.Request) {
	infos, err := s.store.List()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	entries := make([]entry, 0, len(infos))
	for i := len(infos) - 1; i >= 0; i-- { // the newest first
		e := entry{ID: infos[i].ID, Status: status(infos[i])}
		if event, err := readEvent(s.store, e.ID); err != nil {
			e.Title = "cannot be read: " + err.Error()
		} else {
			e.Title, e.Where = event.Title(), event.Culprit().Name()
		}
		entries = append(entries, e)
	}
	render(w, "list", entries)
}

func (s *site) report(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	infos, err := s.store.List() // only what is listed is opened, whatever the address says
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	for _, info := range infos {
		if info.ID != id {
			continue
		}
		event, err := readEvent(s.store, id)
		if err != nil {
			http.Error(w, "report "+id+": "+err.Error(), http.StatusInternalServerError)
			return
		}
		render(w, "report", newReport(event))
		return
	}
	http.NotFound(w, r)
}

// errNoEvent says that a report has nothing to show.
var errNoEvent = errors.New("it has no event")

// readEvent reads a report without claiming it.
func readEvent(store *spool.Store, id string) (*sentrytest.Event, error) {
	data, err := store.Read(id)
	if err != nil {
		return nil, err
	}
	envelope, err := sentrytest.ParseEnvelope(data)
	if err != nil {
		return nil, err
	}
	event, err := envelope.Event()
	if err == nil && event == nil {
		err = errNoEvent
	}
	return event, err
}
