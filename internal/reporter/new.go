package reporter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/client"
	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/delivery"
	"github.com/panicreport/sentry/internal/event"
	"github.com/panicreport/sentry/internal/gate"
	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/spool"
)

// Frames are those of package event, and those that sentry-go has made.
type Frames interface {
	event.Frames
	// Tidy gives a stack trace of sentry-go's the form of ours.
	Tidy(*sentry.Stacktrace)
}

// Config is what the application has asked for.
type Config struct {
	DSN             string
	ContextName     string // of the program or library that reports
	ContextVersion  string
	Release         string
	Revision        string // the commit of the build, or empty
	Environment     string
	Environments    []string // that report; empty for all
	Tags            map[string]string
	Consent         func() bool // nil for given
	WithoutMessages bool
	SensitiveKeys   []string
	UserNames       bool // of the users that the application names
	RateLimit       limit.Rate
	SpoolEvents     bool // of the application's, too
	ReleaseHealth   bool // how runs go is told, too
	FlushTimeout    time.Duration
	Logger          contain.Log // nil for nowhere
	ClientOptions   []func(*sentry.ClientOptions)
	Frames          Frames

	parts
}

// New returns nil, without an error, if c asks for silence, or the person who
// runs the program does.
func New(c Config) (*Reporter, error) {
	dsn, err := client.ParseDSN(c.DSN)
	if err != nil {
		return nil, err
	}
	if gate.DoNotTrack() {
		c.clear() // "no" is also said to what is stored
		c.tellSilence("DO_NOT_TRACK is set")
		return nil, nil
	}
	opts, err := c.options()
	if err != nil {
		return nil, err
	}
	if dsn == nil {
		c.tellSilence("there is no DSN")
		return nil, nil
	}
	if !gate.IsWanted(c.Environment, c.Environments) {
		c.tellSilence("the environment " + strconv.Quote(c.Environment) + " is not one of WithEnvironments")
		return nil, nil
	}
	r := &Reporter{config: c, log: contain.NewLogger(c.Logger), program: c.program(opts), scrubber: c.scrubber()}
	r.own = c.words(r.program, r.log)
	var counts gate.Counts
	if c.HasSpool() {
		if r.store, err = c.open(c.dir); err != nil {
			return nil, fmt.Errorf("WithSpool: %w", err)
		}
		counts = r.store
	}
	r.ledger = &processLedger
	r.gate = gate.New(c.Consent, c.RateLimit, counts, r.log.Spool)
	if r.store != nil {
		err := r.store.Check(r.gate.Allows()) // without consent, nothing is made there
		if errors.Is(err, spool.ErrNotOwn) {
			return nil, fmt.Errorf("WithSpool: %w: give one that is the program's own", err)
		}
		if err != nil {
			return nil, fmt.Errorf("WithSpool: the directory can not be used: %w: give one that the program may write to", err)
		}
	}
	r.builder = event.Builder{Frames: c.Frames, WithoutMessages: c.WithoutMessages, Patience: c.patience()}
	r.ctx, r.stop = context.WithCancel(context.Background())
	http := client.HTTP(opts)
	r.sender = delivery.NewSender(delivery.Target{
		URL:       dsn.URL(),
		Auth:      dsn.Auth(),
		UserAgent: client.UserAgent,
		Client:    http,
		Allowed:   r.gate.Allows,
		Logger:    r.log,
		Settled:   r.settled,
		Store:     r.store,
	})
	r.client, err = client.New(client.Config{
		DSN:         c.DSN,
		Release:     c.Release,
		Environment: c.Environment,
		Options:     opts,
		HTTP:        http,
		Reporter:    hooks{r},
		Active:      r.activeClient,
		Context:     r.ctx,
	})
	if err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// tellSilence is for who looks for reports that never come.
func (c *Config) tellSilence(reason string) {
	contain.NewLogger(c.Logger).Info("sentry: nothing is reported", "reason", reason)
}

// options asks the application, also for a program that is silent: one that sets the DSN
// there is silent because of it.
func (c *Config) options() (opts sentry.ClientOptions, err error) {
	for _, change := range c.ClientOptions {
		change(&opts)
	}
	for _, field := range []struct {
		isSet  bool
		advice string
	}{
		{opts.Dsn != "", "Dsn is set: use WithDSN"},
		{opts.Release != "", "Release is set: use WithRelease"},
		{opts.Environment != "", "Environment is set: use WithEnvironment"},
		{opts.Transport != nil, "Transport is set, but the library delivers itself: set HTTPTransport or HTTPClient"},
	} {
		if field.isSet {
			return opts, errors.New("WithClientOptions: " + field.advice)
		}
	}
	return opts, nil
}

func (c *Config) clear() {
	if !c.HasSpool() {
		return
	}
	if store, err := c.open(c.dir); err == nil {
		_ = store.Clear()
	}
}

// program is what runs, without the tags that change.
func (c *Config) program(opts sentry.ClientOptions) event.Program {
	own := map[string]string{"context.name": c.ContextName, "context.version": c.ContextVersion}
	if c.Revision != "" {
		own["vcs.revision"] = c.Revision
	}
	return event.Program{
		Release:     c.Release,
		Environment: c.Environment,
		Go:          runtime.Version(),
		Tags:        event.MergeTags(own, opts.Tags, c.Tags),
	}
}

func (c *Config) scrubber() *scrub.Scrubber {
	home, _ := os.UserHomeDir() // without one, homes are known by their shape
	host, _ := os.Hostname()
	return scrub.New(scrub.Config{SensitiveKeys: c.SensitiveKeys, UserNames: c.UserNames, Home: home, Host: host, DSN: c.DSN})
}

// patience is how long the application's own code may take of the flush timeout:
// half of it, so that the rest is left to send the report without.
func (c *Config) patience() time.Duration {
	const most = 2 * time.Second // more than an honest Error method or hook needs
	if c.FlushTimeout == 0 {
		return most // nobody waits
	}
	return min(most, c.FlushTimeout/2)
}
