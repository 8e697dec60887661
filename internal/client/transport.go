package client

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"
)

// A transport is where sentry-go hands over an event, after all hooks.
type transport struct{ client *Client }

// SendEvent sends reports ourselves, and leaves the rest to sentry-go.
func (t *transport) SendEvent(event *sentry.Event) {
	c := t.client.active()
	switch {
	case c == nil:
	case event.Type == "":
		c.reporter.Deliver(event)
	default:
		c.anonymise(event)
		c.others.SendEvent(event)
	}
}

func (t *transport) Configure(sentry.ClientOptions) {}

func (t *transport) Close() { t.client.others.Close() }

// Flush and FlushWithContext serve sentry-go's own functions of these names.
func (t *transport) Flush(timeout time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return t.FlushWithContext(ctx)
}

func (t *transport) FlushWithContext(ctx context.Context) bool {
	c := t.client.active()
	if c == nil {
		return true
	}
	sent := c.others.FlushWithContext(ctx)
	if ctx.Value(othersOnly{}) == nil {
		sent = c.reporter.FlushReports(ctx) && sent
	}
	return sent
}

// othersBuffer is what sentry-go keeps of transactions and batches of logs until
// they are sent. Its default, ten times that, costs every Init 100 kB.
const othersBuffer = 100

// A lazyTransport is sentry-go's own, from the first event on. Its worker has a
// ticker, which wakes an idle program twice a minute and, as the runtime looks
// at timers, hides from it that all goroutines are asleep.
type lazyTransport struct {
	opts    sentry.ClientOptions
	start   sync.Once
	started atomic.Pointer[sentry.Client]
}

func (l *lazyTransport) Configure(opts sentry.ClientOptions) { l.opts = opts }

// SendEvent goes through a client of the transport's own: only NewClient gives
// a transport what it needs for sentry-go's client reports, of what it held back
// for a rate limit, say. What the application's sampling leaves out is counted
// by the other client, and not told.
func (l *lazyTransport) SendEvent(event *sentry.Event) {
	l.start.Do(func() {
		t := sentry.NewHTTPTransport()
		t.BufferSize = othersBuffer
		opts := l.opts
		opts.Transport = t
		opts.Integrations = func([]sentry.Integration) []sentry.Integration { return nil }
		if client, err := sentry.NewClient(opts); err == nil { // which took them before
			l.started.Store(client)
		}
	})
	if client := l.started.Load(); client != nil {
		client.Transport.SendEvent(event)
	}
}

func (l *lazyTransport) Flush(timeout time.Duration) bool {
	client := l.started.Load()
	return client == nil || client.Flush(timeout)
}

func (l *lazyTransport) FlushWithContext(ctx context.Context) bool {
	client := l.started.Load()
	return client == nil || client.FlushWithContext(ctx)
}

func (l *lazyTransport) Close() {
	if client := l.started.Load(); client != nil {
		client.Close()
	}
}
