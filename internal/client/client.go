// Package client is the side of sentry-go: a client of it whose events come to
// the library, and whose other telemetry (transactions, logs, metrics) goes on
// through it, scrubbed and with the user's consent.
//
// sentry-go fills many fields by itself, from the environment of the run: each
// of them is set here, or removed from an event. The application's hooks run in
// sentry-go, so a call of [Client.Capture] may panic, or not return.
package client

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/envelope"
)

// A Reporter is what the client works for.
type Reporter interface {
	// Process sees each event between the scope and BeforeSend. It returns nil
	// for one that is not to be sent.
	Process(*sentry.Event, *sentry.EventHint) *sentry.Event
	// Deliver takes an event after all hooks.
	Deliver(*sentry.Event)
	// FlushReports waits for what Deliver was given, and tells whether the server
	// has accepted all of it.
	FlushReports(context.Context) bool
	// Breadcrumb sees each breadcrumb, after the application's own hook.
	Breadcrumb(*sentry.Breadcrumb)
	// Allows tells whether telemetry may be sent.
	Allows() bool
	// Scrub removes what is secret from an envelope. What can not be scrubbed is an
	// error, and is not sent.
	Scrub(*envelope.Envelope) error
}

// Config is what a Client is made of.
type Config struct {
	DSN         string
	Release     string
	Environment string
	Options     sentry.ClientOptions // the application's
	HTTP        *http.Client
	Reporter    Reporter
	// Active is the client that works now: hubs keep the client that they were
	// cloned with. It is nil while reporting is off.
	Active func() *Client
	// Context ends with the client: nothing is sent after it.
	Context context.Context
}

// A Client is a sentry-go client.
type Client struct {
	reporter   Reporter
	active     func() *Client
	serverName string // only what the application itself has set
	sentry     *sentry.Client
	others     *lazyTransport // what else the application sends: transactions, logs…
	othersLost atomic.Int64   // since the last flush
}

// noServerName keeps sentry-go from putting the host name in its place.
const noServerName = "[Filtered]"

// New returns a Client. Every field that sentry-go would fill from the
// environment is set, see TestVariablesOfThePersonWhoRunsIt.
func New(c Config) (*Client, error) {
	client := &Client{reporter: c.Reporter, active: c.Active, serverName: c.Options.ServerName, others: new(lazyTransport)}
	opts := c.Options
	opts.Dsn = strings.TrimSpace(c.DSN)
	opts.Release = c.Release
	opts.Environment = c.Environment
	opts.ServerName = cmp.Or(opts.ServerName, noServerName)
	opts.Tags = nil
	opts.BeforeSendLog = ifAllowed(client, opts.BeforeSendLog)
	opts.BeforeSendMetric = ifAllowed(client, opts.BeforeSendMetric)
	opts.BeforeBreadcrumb = client.remembering(opts.BeforeBreadcrumb)
	opts.Integrations = withoutDisclosing(opts.Integrations)
	// HTTPClient, and not HTTPTransport: SENTRYGODEBUG replaces the latter by
	// one that writes every request, with its key, to standard error.
	opts.HTTPClient = &http.Client{
		Transport:     &others{client: client, ctx: c.Context, next: c.HTTP},
		CheckRedirect: c.HTTP.CheckRedirect,
	}
	opts.Transport = client.others
	var err error
	if client.sentry, err = sentry.NewClient(opts); err != nil {
		return nil, errors.New("WithClientOptions: sentry-go refuses the options")
	}
	client.sentry.Transport = &transport{client}
	client.sentry.AddEventProcessor(c.Reporter.Process)
	return client, nil
}

// ifAllowed drops a log or a metric while there is no consent, or reporting is off:
// sentry-go collects them and would send them later, when there may be. hook is the
// application's.
func ifAllowed[T any](c *Client, hook func(*T) *T) func(*T) *T {
	return func(item *T) *T {
		if active := c.active(); active == nil || !active.reporter.Allows() {
			return nil
		}
		if hook == nil {
			return item
		}
		return hook(item)
	}
}

// remembering shows each breadcrumb to the reporter at work.
func (c *Client) remembering(hook breadcrumbHook) breadcrumbHook {
	return func(b *sentry.Breadcrumb, hint *sentry.BreadcrumbHint) *sentry.Breadcrumb {
		if hook != nil {
			b = hook(b, hint)
		}
		if active := c.active(); b != nil && active != nil {
			active.reporter.Breadcrumb(b)
		}
		return b
	}
}

type breadcrumbHook = func(*sentry.Breadcrumb, *sentry.BreadcrumbHint) *sentry.Breadcrumb

// withoutDisclosing leaves out the integrations that send the list of modules
// and the SENTRY_TAGS_ variables of the person who runs the program.
func withoutDisclosing(change func([]sentry.Integration) []sentry.Integration) func([]sentry.Integration) []sentry.Integration {
	return func(all []sentry.Integration) []sentry.Integration {
		if change != nil {
			all = change(all)
		}
		return slices.DeleteFunc(slices.Clone(all), func(i sentry.Integration) bool {
			return i.Name() == "Modules" || i.Name() == "GlobalTags"
		})
	}
}

// Bind lets sentry-go's current hub report through c, or through nothing if c is
// nil. A client that the application has bound itself stays.
func Bind(c *Client) {
	hub := sentry.CurrentHub()
	if bound := hub.Client(); bound.IsEnabled() && !isOurs(bound) {
		return
	}
	if c == nil {
		hub.BindClient(sentry.NewNoopClient())
	} else {
		hub.BindClient(c.sentry)
	}
}

func isOurs(client *sentry.Client) bool {
	_, ok := client.Transport.(*transport)
	return ok
}

// Capture sends event through scope and the hooks of the application. It does
// not return if one of those panics or ends the goroutine.
func (c *Client) Capture(event *sentry.Event, hint *sentry.EventHint, scope *sentry.Scope) {
	c.sentry.CaptureEvent(event, hint, scope)
}

// SDK is what sentry-go says of itself in an event.
func (c *Client) SDK() sentry.SdkInfo {
	return sentry.SdkInfo{Name: c.sentry.GetSDKIdentifier(), Version: sentry.SDKVersion}
}

// othersOnly marks the context of a flush that has waited for reports already,
// in its own way.
type othersOnly struct{}

// FlushOthers waits for the other telemetry: whether all of it was sent, and how
// many envelopes were not accepted since the last call.
func (c *Client) FlushOthers(ctx context.Context) (sent bool, lost int64) {
	sent = c.sentry.FlushWithContext(context.WithValue(ctx, othersOnly{}, true))
	return sent, c.othersLost.Swap(0)
}

// Finish removes from an event what sentry-go adds unasked: the host name, the
// list of modules, and a trace that all events of the process share. It returns
// the trace header of the envelope.
func (c *Client) Finish(event *sentry.Event) (trace map[string]string) {
	c.anonymise(event)
	return ownTrace(event)
}

func (c *Client) anonymise(event *sentry.Event) {
	event.ServerName = c.serverName
	event.Modules = nil
}

// Close ends the client's goroutines.
func (c *Client) Close() { c.sentry.Close() }

// Scope copies the scope of the hub on ctx, or of the current hub. The copy has
// a trace of its own unless a span is active on ctx: the one that all scopes of
// the process inherit would link a person's reports.
func Scope(ctx context.Context) *sentry.Scope {
	ctx = underlying(ctx)
	scope := hubOf(ctx).Scope()
	if scope == nil {
		return sentry.NewScope()
	}
	scope = scope.Clone()
	if sentry.SpanFromContext(ctx) == nil {
		scope.SetSpan(nil) // it may have ended long ago: sentry-go leaves it there
		scope.SetPropagationContext(sentry.NewPropagationContext())
	}
	return scope
}
