// Package sentry reports the panics of a Go program to Sentry: once, readable,
// named right, and without a word about the person who ran it.
//
// Call [Init] at start-up, defer [Recover] in every goroutine, and [Close] at
// the end. The library takes the name and version of the program from the
// build, and the environment from the run. It removes secrets and what
// identifies a person, trims the stack so that the place of the panic is on
// top, sends the report, and lets the panic go on: the exit status and the text
// on standard error stay those of the same program without it.
//
// It costs nothing while nothing goes wrong: a deferred Recover is an empty
// call, and no goroutine waits. A panic is held back until its report is
// accepted, but for no longer than [WithFlushTimeout].
//
// A panic in a goroutine that did not defer Recover, and what the Go runtime ends
// itself, such as a concurrent map write, is reported by the next run if there
// is a [WithSpool]. With it, a report stands on disk before it is sent, and stays
// there until a server has accepted it, over a dead network and a kill. Without,
// one that no server has accepted is lost with the process.
//
// The smallest program:
//
//	func main() {
//		if err := sentry.Init(sentry.WithDSN(dsn)); err != nil {
//			log.Print(err)
//		}
//		defer sentry.Close()
//		defer sentry.Recover()
//		run()
//	}
//
// Who runs the program can switch reporting off: with DO_NOT_TRACK=1 in the
// environment nothing is reported, whatever the program asks for.
//
// Everything that sentry-go does by itself works with this package: its current
// hub reports through the library's client, so that its middlewares (net/http,
// gin, gRPC) and CaptureException are scrubbed and delivered in the same way.
// If the application has initialised sentry-go itself before Init, its client
// stays where it is.
package sentry

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/monitor"
	"github.com/panicreport/sentry/internal/scrub"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/traceback"
)

// current is the reporter that Init made, nil while reporting is off.
var current atomic.Pointer[reporter]

// lifecycle orders Init and Close. Reporting never takes it.
var lifecycle sync.Mutex

// Init reports from here on as the options say. Without a DSN, in an
// environment that is not wanted, or with DO_NOT_TRACK=1 it is valid and
// silent. Called again, it replaces the configuration at once and then flushes
// the reports of the former one, for at most its flush timeout.
//
// On an error, which names all invalid options and never contains the DSN,
// nothing changes.
func Init(opts ...Option) error {
	c, err := newConfig(opts)
	first := !initialised.Swap(true)
	if first {
		takeRole(c)
	}
	if err != nil {
		return fmt.Errorf("init sentry: %w", err)
	}
	next, err := newReporter(c) // calls the application: no lock is held
	if err == nil {
		err = next.startMonitor(c, first)
	}
	if err != nil {
		return fmt.Errorf("init sentry: %w", err)
	}
	lifecycle.Lock()
	defer lifecycle.Unlock()
	next.begin(current.Load()) // before anybody else knows of next
	former := replace(next)
	former.close()
	next.catchUp()
	return nil
}

// MustInit is Init for programs that can not do without: it panics where Init
// returns an error.
func MustInit(opts ...Option) {
	if err := Init(opts...); err != nil {
		panic(err)
	}
}

// Close waits until the server has accepted what is to be reported, for at most
// the flush timeout, and then switches reporting off: nothing is sent any more,
// neither through this package nor through a sentry-go hub that was cloned
// before. An error tells how many reports were not accepted, and why; with
// [WithSpool], also how many of them stay there, to be sent by the next run. For
// what an earlier run has left, it waits for one attempt only. Close can be
// called again, and Init after it.
func Close() error {
	lifecycle.Lock()
	defer lifecycle.Unlock()
	r := current.Load()
	if r == nil {
		return nil
	}
	unwinding := isUnwinding()
	wait := r.flushTimeout
	if unwinding {
		wait = r.leftOfPanic()
	}
	err := r.flush(wait, r.sender.Finish)
	replace(nil)
	if !unwinding {
		r.run.end()
	}
	r.shutDown()
	if err != nil {
		return fmt.Errorf("close sentry: %w", err)
	}
	return nil
}

// leftOfPanic is what Recover has left of the time for which a panic may be held
// back. With a second process and a disk, there is nobody to wait for.
func (r *reporter) leftOfPanic() time.Duration {
	if r.run.watch != nil && r.run.file {
		return 0
	}
	if began := r.panicBegan.Load(); began != nil {
		return max(r.flushTimeout-time.Since(*began), 0)
	}
	return r.flushTimeout
}

// Flush waits for at most timeout until nothing is left to be sent. It returns
// true only if the server has accepted every report since the last Flush; with
// nothing to report, or with reporting off, that is so at once.
func Flush(timeout time.Duration) bool {
	r := current.Load()
	return r == nil || r.flush(timeout, r.sender.Flush) == nil
}

// CrashedLastRun tells whether the previous run with the directory of
// [WithSpool] ended in a crash: a panic that nobody recovered, or anything else
// that the Go runtime ends a process for. A kill, os.Exit and a run that ended
// before [Close] are none. Without a spool, or while reporting is off, it is
// false.
func CrashedLastRun() bool {
	r := current.Load()
	return r != nil && r.run.previous.Crashed
}

// SetTag puts a tag on every report from now on, also after a further Init; it
// wins over [WithTags]. An empty value removes it. Sentry allows 200 characters
// in a key and in a value.
func SetTag(key, value string) {
	if !tags.set(key, value) {
		return
	}
	if r := current.Load(); r != nil {
		r.remember()
	}
}

// tags are those of SetTag: of the process, as what they tell usually is.
var tags tagSet

// A tagSet is read without a lock: by reports, in the middle of a panic.
type tagSet struct {
	mu     sync.Mutex // of set
	values atomic.Pointer[map[string]string]
}

func (t *tagSet) all() map[string]string {
	if values := t.values.Load(); values != nil {
		return *values
	}
	return nil
}

// set tells whether the tag was another before.
func (t *tagSet) set(key, value string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all()[key] == value {
		return false
	}
	next := mergeTags(map[string]string{}, t.all())
	if value == "" {
		delete(next, key)
	} else {
		next[key] = value
	}
	t.values.Store(&next)
	return true
}

// A reporter is one configuration at work: the way of a report from the panic
// to the server.
type reporter struct {
	consent         func() bool
	withoutMessages bool
	sensitiveKeys   []string
	dsn             string // for the monitor
	flushTimeout    time.Duration
	release         string
	environment     string
	serverName      string // only what the application itself has set
	tags            map[string]string
	logger          *slog.Logger

	frames   *frameRules
	scrubber *scrub.Scrubber
	spool    string       // directory of store
	store    *spool.Store // reports on disk; nil without WithSpool
	run      run          // this process in the store
	limit    rateLimit
	limiter  spool.Limiter  // counts for limit without a store, or a disk
	sender   *spool.Sender  // reports
	client   *sentry.Client // runs the application's hooks
	others   *lazyTransport // what else the application sends: transactions, logs…
	ledger   ledger         // panics that need no report from outside
	words    lastWords      // without what changes
	telling  sync.Mutex     // of remember

	ctx        context.Context // ends in shutDown
	stop       context.CancelFunc
	othersLost atomic.Int64 // since the last flush
	panicBegan atomic.Pointer[time.Time]
}

// newReporter returns nil, without an error, if c asks for silence.
func newReporter(c *config) (*reporter, error) {
	dsn, err := parseDSN(c.dsn)
	if err != nil {
		return nil, err
	}
	if doNotTrack() && c.spool != "" {
		if store, err := spool.New(c.spool, spool.Options{}); err == nil {
			_ = store.Clear() // "no" is also said to what is stored
		}
	}
	if dsn == nil || doNotTrack() || len(c.environments) > 0 && !slices.Contains(c.environments, Environment()) {
		return nil, nil
	}
	opts := sentry.ClientOptions{}
	for _, change := range c.clientOptions {
		change(&opts)
	}
	if opts.Transport != nil {
		return nil, errors.New("WithClientOptions: Transport is set, but the library delivers itself: set HTTPTransport or HTTPClient")
	}
	home, _ := os.UserHomeDir() // without one, homes are known by their shape
	r := &reporter{
		consent:         c.consent,
		withoutMessages: c.withoutMessages,
		sensitiveKeys:   c.sensitiveKeys,
		dsn:             c.dsn,
		flushTimeout:    c.flushTimeout,
		release:         c.release,
		environment:     Environment(),
		serverName:      opts.ServerName,
		tags:            mergeTags(contextTags(c), opts.Tags, c.tags),
		logger:          c.logger,
		limit:           c.rateLimit,
		spool:           c.spool,
		frames:          newFrameRules(c),
		scrubber:        scrub.New(scrub.Config{SensitiveKeys: c.sensitiveKeys, Home: home, DSN: c.dsn}),
	}
	if c.spool != "" {
		if r.store, err = spool.New(c.spool, spool.Options{}); err != nil {
			return nil, fmt.Errorf("WithSpool: %w", err)
		}
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	client := httpClient(opts)
	r.sender = spool.NewSender(spool.Target{
		URL:       dsn.GetAPIURL().String(),
		Auth:      authHeader(dsn),
		UserAgent: userAgent,
		Client:    client,
		Allowed:   r.allowed,
		Logger:    c.logger,
		Accepted:  func(id string) { r.settle(sentry.EventID(id)) },
		Store:     r.store,
	})
	r.words = lastWords{Release: c.release, Environment: Environment(), Go: runtime.Version()}
	return r, r.newClient(c, opts, client)
}

// A run is this process in the spool, so that the next one knows how it ended.
type run struct {
	mark     *spool.Run // nil without a spool
	previous lastRun
	dead     []*spool.DeadRun // whose crash is to be reported
	watch    *monitor.Watch   // nil without a monitor
	id       string           // for the monitor, if there is no mark
	file     bool             // the crash output goes to the file of mark
	pipe     bool             // the crash output goes to watch
}

// lastRun is how the run before this one ended; zero for well.
type lastRun struct {
	Crashed bool
	Ran     time.Duration
	Started time.Time
}

// Bounds of a crash loop, in which a program does not live long enough to send
// what it has stored: it then waits at its start.
const (
	crashLoopRun  = 2 * time.Second
	crashLoopWait = 5 * time.Second
)

// begin begins a run, and sees to it that its death is seen.
func (r *reporter) begin(former *reporter) {
	r.beginRun(former)
	r.beginWatch()
}

// beginRun looks how the last run ended, and marks the begin of this one. After
// a further Init, the last run is still the one before this process.
func (r *reporter) beginRun(former *reporter) {
	if r == nil || r.store == nil {
		return
	}
	if !r.allowed() {
		r.forget()
		return
	}
	if former != nil && former.spool == r.spool {
		r.run.previous.Crashed = former.run.previous.Crashed
		r.run.previous.Ran = crashLoopRun // the former has waited, if that was called for
	}
	dead, err := r.store.DeadRuns()
	r.warn(err)
	for _, d := range dead { // the oldest first
		r.run.previous = lastRun{Crashed: d.Crashed, Ran: d.Ran, Started: d.Started}
		if d.Crashed {
			r.run.dead = append(r.run.dead, d)
		} else {
			r.warn(d.Remove())
		}
	}
	if r.run.mark, err = r.store.Begin(r.lastWords()); err != nil {
		r.warn(err)
		return
	}
	file, err := r.run.mark.CreateCrashFile()
	if err != nil {
		r.warn(err)
		return
	}
	defer file.Close() // the runtime has its own copy
	if err = debug.SetCrashOutput(file, debug.CrashOptions{}); err != nil {
		r.warn(err)
		return
	}
	r.run.file = true
}

// startMonitor starts the second process. That it could not is an error only if
// nothing takes its place.
func (r *reporter) startMonitor(c *config, first bool) (err error) {
	if r == nil || !c.crashMonitor {
		return nil
	}
	start := monitor.Start
	role := monitor.OwnRole()
	if role == monitor.Supervised && supervised.CompareAndSwap(false, true) {
		start = func(func(error)) (*monitor.Watch, error) { return monitor.Attach() }
	} else if role == monitor.Program && (c.supervisor || os.Getpid() == 1) && first {
		err := supervise(c) // returns only if it can not
		r.log("sentry: there is no supervisor", "reason", err.Error())
	}
	failed := func(err error) { r.log("sentry: there is no crash monitor", "reason", err.Error()) }
	if r.run.watch, err = start(failed); err == nil {
		return nil
	}
	if r.store == nil {
		r.shutDown()
		return fmt.Errorf("WithCrashMonitor: %w: WithSpool reports crashes at the next start", err)
	}
	failed(err)
	return nil
}

// beginWatch tells the monitor what it is to watch. With a file for the crash
// output, that stays where it goes: whoever kills the monitor, and when, the next
// start has it. The pipe then only tells of the end.
func (r *reporter) beginWatch() {
	if r == nil || r.run.watch == nil {
		return
	}
	if !r.allowed() {
		r.run.end()
		return
	}
	if r.run.file {
		dir, _ := filepath.Abs(r.spool) // as the store has done
		r.tellMonitor(watchState{Run: r.run.mark.ID(), Spool: dir})
		return
	}
	r.run.id = string(newEventID())
	r.run.pipe = true
	r.remember()
	if err := r.run.watch.TakeCrashOutput(); err != nil {
		r.run.pipe = false
		r.warn(err)
	}
}

// watchState is what a monitor has to know. With a spool, the last words are in
// the mark of the run, with the crash output beside it. The rest is what a
// further Init may have changed: the monitor comes to the first.
type watchState struct {
	Run   string          `json:"run"`
	Spool string          `json:"spool,omitempty"`
	Words json.RawMessage `json:"words,omitempty"`

	DSN             string   `json:"dsn"`
	WithoutMessages bool     `json:"without_messages,omitempty"`
	SensitiveKeys   []string `json:"sensitive_keys,omitempty"`
}

func (r *reporter) tellMonitor(s watchState) {
	s.DSN, s.WithoutMessages, s.SensitiveKeys = r.dsn, r.withoutMessages, r.sensitiveKeys
	doc, _ := json.Marshal(s) // of strings
	if err := r.run.watch.Tell(doc); err != nil && !errors.Is(err, os.ErrClosed) {
		r.log("sentry: the crash monitor is gone", "reason", err.Error())
	}
}

// end marks a clean end.
func (r *run) end() {
	if r.file || r.pipe {
		_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
	}
	if r.mark != nil {
		_ = r.mark.End()
	}
	if r.watch != nil {
		r.watch.Close()
	}
}

// lastWords is what must be known of a run to report its death from outside, as
// JSON in its mark. Nothing in it says more than a report does.
type lastWords struct {
	Release     string            `json:"release"`
	Environment string            `json:"environment"`
	Go          string            `json:"go"`
	Tags        map[string]string `json:"tags"`
	Reported    []string          `json:"reported,omitempty"` // panics, by key

	Open map[string]sentry.EventID `json:"open,omitempty"` // those on their way
}

// lastWords are those of this moment, scrubbed.
func (r *reporter) lastWords() []byte {
	words := r.words
	event := sentry.Event{Tags: mergeTags(map[string]string{}, r.tags, tags.all())}
	r.scrubber.Event(&event)
	words.Tags = event.Tags
	words.Reported, words.Open = r.ledger.keys(), r.ledger.opened()
	doc, _ := json.Marshal(words) // of strings
	return doc
}

// remember writes down what has changed of the last words.
func (r *reporter) remember() {
	r.telling.Lock()
	defer r.telling.Unlock()
	switch {
	case r.run.pipe:
		r.tellMonitor(watchState{Run: r.run.id, Words: r.lastWords()})
	case r.run.file:
		r.warn(r.run.mark.SetMeta(r.lastWords()))
	}
}

// catchUp sends what earlier runs have left. In a crash loop, it waits for it.
func (r *reporter) catchUp() {
	if r == nil || r.store == nil || !r.allowed() {
		return
	}
	loop := r.isCrashLoop()
	r.sender.Resume()
	if len(r.run.dead) > 0 {
		end := r.sender.Begin()
		go func() {
			defer contain()
			defer end()
			for dead := r.run.dead; len(dead) > 0; dead = r.deadBefore(dead[0].Started) {
				for _, d := range dead {
					r.reportDead(d, "", "the next start", d.Remove)
				}
			}
		}()
	}
	if loop {
		ctx, cancel := context.WithTimeout(context.Background(), crashLoopWait)
		defer cancel()
		r.sender.WaitAll(ctx)
	}
}

// deadBefore claims the next runs that crashed, if there were more than the store
// hands out at once. Newer ones have died meanwhile, or could not be reported:
// they are for the next start.
func (r *reporter) deadBefore(began time.Time) (crashed []*spool.DeadRun) {
	dead, err := r.store.DeadRuns()
	r.warn(err)
	for _, d := range dead {
		switch {
		case r.ctx.Err() != nil || !d.Started.Before(began):
			d.Release()
		case d.Crashed:
			crashed = append(crashed, d)
		default:
			r.warn(d.Remove())
		}
	}
	return crashed
}

// isCrashLoop tells whether the last run crashed soon after its start. A guard
// may have held the panic until the server answered, or did not: then the end
// of the run is late, but its report was early.
func (r *reporter) isCrashLoop() bool {
	last := r.run.previous
	if !last.Crashed || last.Ran < crashLoopRun {
		return last.Crashed
	}
	stored, err := r.store.List()
	r.warn(err)
	return slices.ContainsFunc(stored, func(i spool.Info) bool {
		after := i.Created.Sub(last.Started)
		return after >= 0 && after < crashLoopRun
	})
}

// forget removes what waits or is stored: there is no consent. From here on, this run
// leaves nothing either.
func (r *reporter) forget() {
	r.sender.Forget()
	r.run.end()
	if r.store != nil {
		r.warn(r.store.Clear())
	}
}

// log survives a handler that panics.
func (r *reporter) log(text string, args ...any) {
	defer contain()
	r.logger.Warn(text, args...)
}

func (r *reporter) warn(err error) {
	if err != nil {
		r.log("sentry: trouble with the spool", "reason", err.Error())
	}
}

const (
	// monitorWait is how long a monitor tries to send: four attempts.
	monitorWait = 90 * time.Second

	// claimWait bounds the time that the kernel takes to close the files of a
	// dead process, one after the other: its mark may be later than the pipe.
	claimWait  = 10 * time.Second
	claimPause = 5 * time.Millisecond
)

// supervised is set once the program has told its supervisor of itself: a further
// Init has a monitor of its own.
var supervised atomic.Bool

// supervise lets the program run as a child of this process, which reports its
// death and ends as it did. When PID 1 of a container dies, the kernel kills all
// others in it: no monitor would outlive it.
func supervise(c *config) error {
	var s watchState
	var dump *traceback.Dump
	return monitor.Supervise(func(out *monitor.Output) {
		dump, _ = traceback.Parse(out)
		_ = json.Unmarshal(out.State(), &s)
	}, func(words string) {
		s.report(c, dump, words, "the supervisor", c.flushTimeout)
	})
}

// initialised is set by the first Init: what it started, a later one can not turn
// into a supervisor.
var initialised atomic.Bool

// takeRole is where the other process of WithCrashMonitor ends. If its Init does
// not ask for a monitor, whatever the reason, nothing more of the program must
// happen there a second time.
func takeRole(c *config) {
	monitor.Arrived()
	switch role := monitor.OwnRole(); {
	case role == monitor.Stray:
		monitor.StopStray()
	case (role == monitor.Launcher || role == monitor.Monitor) && !c.crashMonitor:
		os.Exit(1) // the program hears that there is no monitor
	case role == monitor.Launcher:
		monitor.Launch()
	case role == monitor.Monitor:
		serve(c)
	}
}

// serve reports what the program tells at its end. It does not return.
func serve(c *config) {
	defer os.Exit(0)
	defer contain()
	monitor.Settle()
	out, err := monitor.Open(monitor.Pipe())
	if err != nil {
		return
	}
	dump, _ := traceback.Parse(out) // until the program has ended
	monitor.Obey()
	var s watchState
	if json.Unmarshal(out.State(), &s) != nil {
		return
	}
	s.report(c, dump, "", "the monitor", monitorWait)
}

// report tells how the process that was watched over has ended. It waits for the
// server, if that was a crash or if this process is here for nothing else.
func (s *watchState) report(c *config, dump *traceback.Dump, words, seenBy string, wait time.Duration) {
	defer contain()
	if s.Run == "" {
		return // it did not come to Init, or not to this library's
	}
	c.spool, c.dsn, c.flushTimeout = s.Spool, s.DSN, wait
	c.withoutMessages, c.sensitiveKeys = s.WithoutMessages, s.SensitiveKeys
	r, err := newReporter(c)
	if err != nil || r == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), wait)
	defer cancel()
	if crashed := r.conclude(*s, dump, words, seenBy); crashed || wait == monitorWait {
		r.sender.WaitAll(ctx)
	}
}

// conclude reports how the process that was watched over has ended, and tells
// whether it crashed.
func (r *reporter) conclude(s watchState, dump *traceback.Dump, words, seenBy string) (crashed bool) {
	if s.Spool != "" {
		died, crashed := r.reportRun(s.Run, words, seenBy)
		if died {
			r.sender.Resume() // what the program could not send any more
		}
		return crashed
	}
	if dump == nil || dump.Kind == traceback.Unknown && dump.Unread.Lines == 0 && len(dump.Goroutines) == 0 {
		return false
	}
	r.hear(dump, words)
	f := fate{run: s.Run, at: time.Now(), dump: dump, seenBy: seenBy}
	_ = json.Unmarshal(s.Words, &f.words)
	r.reportFate(f)
	return true
}

// reportRun reports the death of the run that this process watches, and tells
// whether it died at all, without a clean end, and of a crash.
func (r *reporter) reportRun(id, words, seenBy string) (died, crashed bool) {
	for deadline := time.Now().Add(claimWait); time.Now().Before(deadline); time.Sleep(claimPause) {
		d, held, err := r.store.DeadRun(id)
		switch {
		case held:
			continue
		case err != nil || d == nil: // a clean end, or another start was faster
			return false, false
		case d.Crashed:
			r.reportDead(d, words, seenBy, d.Reported)
		}
		d.Release()
		return true, d.Crashed
	}
	return false, false
}

// parseDSN returns nil for no DSN. Its errors do not contain any part of it.
func parseDSN(text string) (*sentry.Dsn, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	dsn, err := sentry.NewDsn(text)
	if err == nil {
		return dsn, nil
	}
	reason := "it is not a URL"
	var parse *sentry.DsnParseError
	if errors.As(err, &parse) && !strings.HasPrefix(parse.Message, "invalid url") {
		reason = parse.Message // fixed words, such as "empty username"
	}
	return nil, fmt.Errorf("parse DSN: %s: want https://<key>@<host>/<project>", reason)
}

// doNotTrack is the switch of the person who runs the program. The convention
// knows only 1; any other yes is taken as such. https://consoledonottrack.com
func doNotTrack() bool {
	switch strings.ToLower(strings.TrimSpace(os.Getenv("DO_NOT_TRACK"))) {
	case "", "0", "false", "no":
		return false
	default:
		return true
	}
}

func contextTags(c *config) map[string]string {
	return map[string]string{"context.name": c.contextName, "context.version": c.contextVersion}
}

func mergeTags(first map[string]string, more ...map[string]string) map[string]string {
	for _, tags := range more {
		maps.Copy(first, tags)
	}
	return first
}

// userAgent is how a sentry-go client is known to servers.
const userAgent = "sentry.go/" + sentry.SDKVersion

// authHeader is documented at
// https://develop.sentry.dev/sdk/overview/#authentication
func authHeader(dsn *sentry.Dsn) string {
	auth := "Sentry sentry_version=7, sentry_client=" + userAgent + ", sentry_key=" + dsn.GetPublicKey()
	if secret := dsn.GetSecretKey(); secret != "" {
		auth += ", sentry_secret=" + secret
	}
	return auth
}

// Bounds of the connections to one Sentry server.
const (
	idleConnections = 4                // as many as the sender has workers
	idleTimeout     = 30 * time.Second // a burst of panics is over by then
	requestTimeout  = 30 * time.Second // sentry-go's own
)

// httpClient is the application's own, or sentry-go's default: with its proxy
// and certificate options. It follows no redirect: the key in the request is
// for the DSN's host alone, and a login page is no Sentry server.
func httpClient(opts sentry.ClientOptions) *http.Client {
	client := &http.Client{Transport: opts.HTTPTransport, Timeout: requestTimeout}
	switch {
	case opts.HTTPClient != nil:
		*client = *opts.HTTPClient
	case opts.HTTPTransport == nil:
		client.Transport = &http.Transport{
			Proxy:               proxyOf(opts),
			TLSClientConfig:     &tls.Config{RootCAs: opts.CaCerts, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: idleConnections,
			IdleConnTimeout:     idleTimeout,
			ForceAttemptHTTP2:   true,
		}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func proxyOf(opts sentry.ClientOptions) func(*http.Request) (*url.URL, error) {
	proxy := firstOf(opts.HTTPSProxy, opts.HTTPProxy)
	if proxy == "" {
		return http.ProxyFromEnvironment
	}
	return func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
}

// othersBuffer is what sentry-go keeps of transactions and batches of logs until
// they are sent. Its default, ten times that, costs every Init 100 kB.
const othersBuffer = 100

// noServerName keeps sentry-go from putting the host name in its place.
const noServerName = "[Filtered]"

// newClient makes the sentry-go client. Every field that sentry-go would fill
// from the environment is set, see TestVariablesOfThePersonWhoRunsIt.
func (r *reporter) newClient(c *config, opts sentry.ClientOptions, client *http.Client) (err error) {
	r.others = new(lazyTransport)
	opts.Dsn = strings.TrimSpace(c.dsn)
	opts.Release = r.release
	opts.Environment = r.environment
	opts.ServerName = firstOf(opts.ServerName, noServerName)
	opts.Tags = nil
	opts.Integrations = withoutDisclosing(opts.Integrations)
	// HTTPClient, and not HTTPTransport: SENTRYGODEBUG replaces the latter by
	// one that writes every request, with its key, to standard error.
	opts.HTTPClient = &http.Client{
		Transport:     &othersRoundTripper{r: r, next: client},
		CheckRedirect: client.CheckRedirect,
	}
	opts.Transport = r.others
	if r.client, err = sentry.NewClient(opts); err != nil {
		return errors.New("WithClientOptions: sentry-go refuses the options")
	}
	r.client.Transport = &transport{r: r}
	r.client.AddEventProcessor(r.process)
	return nil
}

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

// replace puts next in the place of the reporter at work, and returns that.
func replace(next *reporter) (former *reporter) {
	former = current.Swap(next)
	hub := sentry.CurrentHub()
	if client := hub.Client(); client.IsEnabled() && !isOurs(client) {
		return former // the application's own stays
	}
	if next == nil {
		hub.BindClient(sentry.NewNoopClient())
	} else {
		hub.BindClient(next.client)
	}
	return former
}

func isOurs(client *sentry.Client) bool {
	_, ok := client.Transport.(*transport)
	return ok
}

// active is r, or after its end the reporter that took its place: hubs that
// were cloned before keep the client of r. It is nil while reporting is off.
func (r *reporter) active() *reporter {
	if r.ctx.Err() == nil {
		return r
	}
	return current.Load()
}

// close ends a reporter that another has replaced.
func (r *reporter) close() {
	if r != nil {
		if err := r.flush(r.flushTimeout, r.sender.Finish); err != nil {
			r.log("sentry: replaced before all was sent", "reason", err.Error())
		}
		if r.run.mark != nil {
			r.warn(r.run.mark.End()) // the run goes on under another mark
		}
		if next := current.Load(); (r.run.file || r.run.pipe) && (next == nil || !next.run.file && !next.run.pipe) {
			_ = debug.SetCrashOutput(nil, debug.CrashOptions{})
		}
		if r.run.watch != nil {
			r.run.watch.Close()
		}
		r.shutDown()
	}
}

func (r *reporter) shutDown() {
	r.stop()
	r.sender.Close()
	r.client.Close()
}

// flush returns nil only if everything was accepted. If consent was withdrawn,
// nothing waits any more.
func (r *reporter) flush(timeout time.Duration, reports func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	if !r.allowed() {
		r.forget()
	}
	err := reports(ctx)
	sent := r.client.FlushWithContext(context.WithValue(ctx, othersOnly{}, true))
	lost := r.othersLost.Swap(0)
	switch {
	case err != nil:
		return err
	case !sent:
		return errors.New("transactions or logs are still waiting for the server")
	case lost > 0:
		return fmt.Errorf("%d envelopes of transactions or logs were not accepted by the server", lost)
	}
	return nil
}

// othersOnly marks the context of a flush that has waited for reports already,
// in its own way.
type othersOnly struct{}

// allowed asks for consent.
func (r *reporter) allowed() (given bool) {
	if r.consent == nil {
		return true
	}
	defer func() {
		if recover() != nil {
			given = false
		}
	}()
	return r.consent()
}

// reportPanic takes a panic all the way, and returns when the server has
// accepted it or it makes no sense to wait longer. It calls end when the report
// is made, or will not be.
func (r *reporter) reportPanic(ctx context.Context, p observation, end func()) {
	id := newEventID()
	defer r.await(id) // deferred: a hook may end this goroutine
	defer end()
	if !r.allowed() {
		r.forget()
		return
	}
	event := sentry.NewEvent()
	event.EventID = id
	event.Level = sentry.LevelFatal
	event.Timestamp = time.Now()
	began := event.Timestamp
	r.panicBegan.Store(&began)
	if !r.tell(event, p) {
		r.settle(id)
		return
	}
	hint := &sentry.EventHint{RecoveredException: p.value, Context: ctx}
	hint.OriginalException, _ = p.value.(error)
	plain := r.plain(event)
	if _, ok := within(r.patience(), func() any { r.capture(event, hint, scopeOf(ctx)); return nil }); !ok {
		r.deliver(plain)
		r.log("sentry: a hook or event processor did not return, the report went without it")
	}
	r.settleUnsent(id)
}

// tell makes event tell of a panic, unless there were too many of its kind.
func (r *reporter) tell(event *sentry.Event, p observation) bool {
	event.Exception = r.exceptions(p)
	r.enter(event, p)
	if event.Contexts == nil {
		event.Contexts = make(map[string]sentry.Context)
	}
	stack := event.Exception[len(event.Exception)-1].Stacktrace
	if stack != nil && len(stack.FramesOmitted) == 2 {
		// Sentry forgets frames_omitted, sentry-relay 0.10.1 shows.
		event.Contexts["stacktrace"] = sentry.Context{
			"frames_left_out": stack.FramesOmitted[1] - stack.FramesOmitted[0],
			"before_frame":    stack.FramesOmitted[0] + 1,
		}
	}
	return r.withinLimit(event)
}

// withinLimit counts a panic, and tells whether it may be reported. If others
// were left out before, the event says how many.
func (r *reporter) withinLimit(event *sentry.Event) bool {
	if r.limit.per == 0 {
		return true
	}
	key := crashKey(event.Exception[len(event.Exception)-1])
	var leftOut int
	var ok bool
	if r.store == nil {
		leftOut, ok = r.limiter.Allow(key, r.limit.n, r.limit.per)
	} else {
		var err error
		if leftOut, ok, err = r.store.Allow(key, r.limit.n, r.limit.per); err != nil {
			r.warn(err)
			leftOut, ok = r.limiter.Allow(key, r.limit.n, r.limit.per)
		}
	}
	if leftOut > 0 {
		event.Contexts["rate_limit"] = sentry.Context{"left_out": leftOut}
	}
	return ok
}

// crashKey is the same for what is the same crash: its kind, and the functions
// of the user's own code. Lines are left out: a new version moves them.
func crashKey(x sentry.Exception) string {
	h := sha256.New()
	fmt.Fprintln(h, x.Type)
	if x.Stacktrace != nil {
		for _, f := range x.Stacktrace.Frames {
			if f.InApp {
				fmt.Fprintln(h, f.Module, f.Function)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (r *reporter) await(id sentry.EventID) {
	if r.run.watch != nil && r.run.file && !r.ledger.isOpen(id) {
		return // it is on disk, and the monitor sends it
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.flushTimeout)
	defer cancel()
	r.sender.Wait(ctx, string(id))
}

// patience is how long the application's own code may take of the flush timeout:
// half of it, so that the rest is left to send the report without.
func (r *reporter) patience() time.Duration {
	const most = 2 * time.Second // more than an honest Error method or hook needs
	if r.flushTimeout == 0 {
		return most // nobody waits
	}
	return min(most, r.flushTimeout/2)
}

// plain copies what an event tells, before the application's hooks have it.
func (r *reporter) plain(event *sentry.Event) *sentry.Event {
	plain := sentry.NewEvent()
	plain.EventID, plain.Level, plain.Timestamp = event.EventID, event.Level, event.Timestamp
	plain.Exception = slices.Clone(event.Exception)
	plain.Contexts = maps.Clone(event.Contexts)
	plain.Platform = "go"
	plain.Release, plain.Environment = r.release, r.environment
	plain.Sdk = sentry.SdkInfo{Name: r.client.GetSDKIdentifier(), Version: sentry.SDKVersion}
	r.tag(plain)
	return plain
}

// capture sends event through the scope and the hooks of the application. It
// does not return if one of those panics or ends the goroutine.
func (r *reporter) capture(event *sentry.Event, hint *sentry.EventHint, scope *sentry.Scope) {
	r.client.CaptureEvent(event, hint, scope)
}

// scopeOf copies the scope of the hub on ctx, or of the current hub. The copy
// has a trace of its own unless a span is active on ctx: the one that all scopes
// of the process inherit would link a person's reports.
func scopeOf(ctx context.Context) *sentry.Scope {
	hub := sentry.CurrentHub()
	if ctx != nil && sentry.HasHubOnContext(ctx) {
		hub = sentry.GetHubFromContext(ctx)
	}
	scope := hub.Scope()
	if scope == nil {
		return sentry.NewScope()
	}
	scope = scope.Clone()
	if ctx == nil || sentry.SpanFromContext(ctx) == nil {
		scope.SetSpan(nil) // it may have ended long ago: sentry-go leaves it there
		scope.SetPropagationContext(sentry.NewPropagationContext())
	}
	return scope
}

func newEventID() sentry.EventID {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand
	return eventID(id)
}

func eventID(id [16]byte) sentry.EventID {
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80 // version 4, RFC 9562
	return sentry.EventID(hex.EncodeToString(id[:]))
}

// process is the client's event processor, between the scope and BeforeSend.
// It has every event of the application's too, such as a panic that a
// middleware of sentry-go has recovered, and makes that a report like ours.
func (r *reporter) process(event *sentry.Event, hint *sentry.EventHint) *sentry.Event {
	active := r.active()
	if active == nil {
		return nil
	}
	if active != r { // of a hub that was cloned before a further Init
		event.Release, event.Environment = active.release, active.environment
		r = active
	}
	if !isPanic(event) {
		if !r.allowed() {
			return nil
		}
		if event.Type == "" && hint != nil && hint.RecoveredException != nil && !r.describe(event, hint.RecoveredException) {
			return nil
		}
	}
	if isPanic(event) {
		event.Level = sentry.LevelFatal // whatever the scope says
	}
	if hint != nil && hint.Data == anotherProcess {
		for _, name := range []string{"go_numroutines", "go_maxprocs", "go_numcgocalls"} {
			delete(event.Contexts["runtime"], name) // of this process
		}
		return event
	}
	r.tag(event)
	return event
}

func isPanic(event *sentry.Event) bool {
	if len(event.Exception) == 0 {
		return false
	}
	m := event.Exception[len(event.Exception)-1].Mechanism
	return m != nil && m.Type == mechanismPanic
}

// describe replaces what sentry-go tells of a recovered value: a string has no
// stack there, and a struct all its fields. It runs in the goroutine of the
// panic, and tells whether the panic is to be reported at all.
func (r *reporter) describe(event *sentry.Event, value any) bool {
	if value == http.ErrAbortHandler {
		return false
	}
	p, fresh := observe(value)
	if !fresh {
		return false
	}
	event.Message, event.Threads = "", nil
	if !r.tell(event, p) {
		r.settle(event.EventID)
		return false
	}
	return true
}

// tag adds the tags of the process to those that an event has of its own.
func (r *reporter) tag(event *sentry.Event) {
	if event.Tags == nil {
		event.Tags = make(map[string]string, len(r.tags))
	}
	for _, more := range []map[string]string{tags.all(), r.tags} {
		for key, value := range more {
			if _, ok := event.Tags[key]; !ok {
				event.Tags[key] = value
			}
		}
	}
}

// transport is where sentry-go hands over an event, after all hooks.
type transport struct{ r *reporter }

// SendEvent sends reports ourselves, and leaves the rest to sentry-go.
func (t *transport) SendEvent(event *sentry.Event) {
	r := t.r.active()
	switch {
	case r == nil:
	case event.Type == "":
		r.deliver(event)
	default:
		r.anonymise(event)
		r.others.SendEvent(event)
	}
}

func (t *transport) Configure(sentry.ClientOptions) {}

func (t *transport) Close() { t.r.others.Close() }

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

// Flush and FlushWithContext serve sentry-go's own functions of these names.
func (t *transport) Flush(timeout time.Duration) bool {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return t.FlushWithContext(ctx)
}

func (t *transport) FlushWithContext(ctx context.Context) bool {
	r := t.r.active()
	if r == nil {
		return true
	}
	sent := r.others.FlushWithContext(ctx)
	if ctx.Value(othersOnly{}) == nil {
		sent = r.sender.Flush(ctx) == nil && sent
	}
	return sent
}

// deliver makes an event into an envelope and passes it on. Scrubbing comes
// last: nothing that an application does to an event can undo it.
func (r *reporter) deliver(event *sentry.Event) {
	r.anonymise(event)
	trace := r.ownTrace(event)
	if !isPanic(event) {
		for i := range event.Exception {
			r.frames.tidy(event.Exception[i].Stacktrace)
		}
		for i := range event.Threads {
			r.frames.tidy(event.Threads[i].Stacktrace)
		}
	}
	r.scrubber.Event(event)
	id := string(event.EventID)
	if isPanic(event) {
		r.ledger.sent(event.EventID)
		if r.sender.Keep(id, envelope(event, trace)) {
			r.settle(event.EventID)
		}
	} else {
		r.sender.Send(id, envelope(event, trace)) // not worth a disk's time
	}
}

// anonymise removes what sentry-go adds unasked.
func (r *reporter) anonymise(event *sentry.Event) {
	event.ServerName = r.serverName
	event.Modules = nil
}

// ownTrace gives an event a trace of its own if it has that of the current hub:
// all scopes of the process inherit it, also that of a span there, which stays
// when it has ended. It returns the trace header of the envelope.
func (r *reporter) ownTrace(event *sentry.Event) map[string]string {
	shared, _, _ := strings.Cut(sentry.CurrentHub().GetTraceparent(), "-")
	if fmt.Sprint(event.Contexts["trace"]["trace_id"]) == shared {
		event.Contexts["trace"] = sentry.NewPropagationContext().Map()
		return nil
	}
	trace := event.GetDynamicSamplingContext()
	delete(trace, "transaction") // a text of the application's; the event has it, scrubbed
	return trace
}

// envelope encodes an event and its attachments. There is no sent_at: the
// server corrects the time of an event by it, and an envelope may be sent long
// after it was made.
func envelope(event *sentry.Event, trace map[string]string) []byte {
	payload := encode(event)
	e := spool.Envelope{Header: map[string]any{
		"event_id": event.EventID,
		"sdk":      map[string]string{"name": event.Sdk.Name, "version": event.Sdk.Version},
	}}
	if len(trace) > 0 {
		e.Header["trace"] = trace
	}
	e.Add(map[string]any{"type": "event"}, payload)
	for _, a := range event.Attachments {
		e.Add(map[string]any{"type": "attachment", "filename": a.Filename, "content_type": a.ContentType}, a.Payload)
	}
	return e.Bytes()
}

// encode writes the exceptions as {"values": […]}, the form of the protocol's
// documents: sentry-go's bare list is known to Sentry, but not to Spotlight.
// https://develop.sentry.dev/sdk/data-model/event-payloads/exception/
func encode(event *sentry.Event) []byte {
	values := event.Exception
	event.Exception = nil
	payload, err := event.MarshalJSON()
	if err != nil { // a value that the scrubber lets pass and JSON does not
		event.Contexts, event.Breadcrumbs, event.Request = nil, nil, nil
		payload, _ = event.MarshalJSON()
	}
	if len(values) == 0 {
		return payload
	}
	exceptions, _ := json.Marshal(map[string]any{"values": values}) // of strings and numbers
	payload = append(payload[:len(payload)-1], `,"exception":`...)
	return append(append(payload, exceptions...), '}')
}

// othersRoundTripper takes the envelopes that sentry-go makes itself, of
// transactions, logs, metrics and check-ins, through gate and scrubber.
type othersRoundTripper struct {
	r    *reporter
	next *http.Client
}

func (o *othersRoundTripper) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	defer func() {
		if err != nil || resp.StatusCode >= 300 {
			o.r.othersLost.Add(1)
		}
	}()
	body, err := o.scrubbed(req)
	if err != nil {
		return nil, fmt.Errorf("scrub envelope: %w", err)
	}
	// With the reporter's context: nothing is sent after Close.
	out := req.Clone(o.r.ctx)
	out.RequestURI = ""
	out.Body, out.ContentLength, out.GetBody = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	return o.next.Do(out)
}

var errNoConsent = errors.New("there is no consent")

// scrubbed reads the envelope of a request. What it can not read is not sent.
func (o *othersRoundTripper) scrubbed(req *http.Request) ([]byte, error) {
	defer req.Body.Close()
	if !o.r.allowed() {
		return nil, errNoConsent
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	e, err := spool.ParseEnvelope(body)
	if err != nil {
		return nil, err
	}
	if trace, ok := e.Header["trace"].(map[string]any); ok {
		delete(trace, "transaction") // as in ownTrace
	}
	for i, item := range e.Items {
		if item.Header["type"] == "attachment" {
			o.r.scrubAttachment(&e.Items[i])
			continue
		}
		if e.Items[i].Payload, err = o.r.scrubber.JSON(item.Payload); err != nil {
			return nil, err
		}
	}
	return e.Bytes(), nil
}

func (r *reporter) scrubAttachment(item *spool.Item) {
	name, _ := item.Header["filename"].(string)
	contentType, _ := item.Header["content_type"].(string)
	a := r.scrubber.Attachment(sentry.Attachment{Filename: name, ContentType: contentType, Payload: item.Payload})
	item.Header["filename"], item.Payload = a.Filename, a.Payload
}
