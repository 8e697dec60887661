package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/panicreport/sentry/sentrytest"
)

// A server counts the reports of all libraries, and the bytes that they take.
type server struct {
	URL string

	delay    time.Duration // before each answer; negative: none comes
	listener *counting
	http     *http.Server
	stop     context.CancelFunc

	mu       sync.Mutex
	reports  int
	requests int
	ids      map[string]bool
}

func newServer(delay time.Duration) (*server, error) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &server{
		URL: "http://" + inner.Addr().String(), delay: delay, listener: &counting{Listener: inner}, stop: stop, ids: map[string]bool{},
	}
	s.http = &http.Server{Handler: s, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() { _ = s.http.Serve(s.listener) }()
	return s, nil
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.count(r.URL.Path, body)
	wait := time.After(s.delay)
	if s.delay < 0 {
		wait = nil
	}
	select {
	case <-wait:
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"id":"1","err":0}`)
}

func (s *server) count(path string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	if !strings.HasSuffix(path, "/envelope/") {
		if path != "/sessions" {
			s.reports++
		}
		return
	}
	e, err := sentrytest.ParseEnvelope(body)
	if err != nil {
		return
	}
	if event, err := e.Event(); err == nil && event != nil && !s.ids[e.Header.EventID] {
		s.ids[e.Header.EventID] = true
		s.reports++
	}
}

// Reports that came, each once.
func (s *server) Reports() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reports
}

// WaitReports for at most patience.
func (s *server) WaitReports(n int, patience time.Duration) int {
	for end := time.Now().Add(patience); time.Now().Before(end) && s.Reports() < n; {
		time.Sleep(time.Millisecond)
	}
	return s.Reports()
}

func (s *server) Close() {
	s.stop()
	_ = s.http.Close()
}

// counting counts the bytes that come in.
type counting struct {
	net.Listener
	mu    sync.Mutex
	bytes int64
}

func (l *counting) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	return countedConn{c, l}, nil
}

func (l *counting) Bytes() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.bytes
}

type countedConn struct {
	net.Conn
	listener *counting
}

func (c countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.listener.mu.Lock()
	c.listener.bytes += int64(n)
	c.listener.mu.Unlock()
	return n, err
}
