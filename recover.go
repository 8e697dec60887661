package sentry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/internal/traceback"
)

// Recover reports a panic of the goroutine that deferred it, waits until the
// server has accepted the report, but at most the flush timeout, and panics
// again with the same value. Without a panic it does nothing, and costs what
// an empty deferred call costs.
//
//	go func() {
//		defer sentry.Recover()
//		…
//	}()
//
// It must be deferred directly: as any function that calls recover, it sees
// nothing from within another deferred function. Defer it first, so that it
// runs last and sees the panics of the other deferred functions too; but after
// what tells others that the goroutine has ended, such as a WaitGroup's Done,
// which would otherwise let main return before the report is out:
//
//	defer wg.Done()
//	defer sentry.Recover()
//
// A panic that unwinds through several guards is reported by the first of them
// only, as long as they panic again with the same value. One that wraps it
// (panic(fmt.Errorf("…: %w", err))) makes a new panic, with a report of its own.
// A deferred function that itself panics with the very value that is on its way
// can not be told from one that panics again.
// [http.ErrAbortHandler], runtime.Goexit and os.Exit are not reported.
func Recover() {
	value := recover()
	if value == nil {
		if !noNilPanics.Load() {
			panicAgainIfNil(context.Background())
		}
		return
	}
	report(context.Background(), value)
	panic(value)
}

// RecoverWithContext is [Recover] with the scope of the sentry-go hub on ctx:
// the tags, user, request and breadcrumbs that a middleware has put there.
// A ctx without a hub has the scope of the current hub.
func RecoverWithContext(ctx context.Context) {
	value := recover()
	if value == nil {
		if !noNilPanics.Load() {
			panicAgainIfNil(ctx)
		}
		return
	}
	report(ctx, value)
	panic(value)
}

// noNilPanics is set once it is known that recover returns nil only where there
// is no panic. With the setting panicnil=1, in GODEBUG or in a //go:debug line of
// package main, it does so for panic(nil) too, and a guard that took that for no
// panic would swallow it. A setting that is changed later is not seen.
var noNilPanics atomic.Bool

// panicAgainIfNil does what its caller, a guard, does for other values, if that
// was run by a panic, and not because its function returns.
func panicAgainIfNil(ctx context.Context) {
	if !nilPanicsAllowed() {
		noNilPanics.Store(true)
		return
	}
	var pcs [1]uintptr
	runtime.Callers(3, pcs[:]) // Callers, panicAgainIfNil, the guard
	if f := runtime.FuncForPC(pcs[0] - 1); f != nil && f.Name() == "runtime.gopanic" {
		report(ctx, nil)
		panic(nil)
	}
}

func nilPanicsAllowed() bool {
	for _, setting := range buildInfo().Settings {
		if setting.Key == "DefaultGODEBUG" && hasNilPanics(setting.Value) {
			return true
		}
	}
	return hasNilPanics(os.Getenv("GODEBUG"))
}

func hasNilPanics(godebug string) bool {
	return strings.Contains(","+godebug+",", ",panicnil=1,")
}

// isUnwinding tells whether this goroutine panics, and is about to end with it.
func isUnwinding() bool { return len(callers().panics()) > 0 }

// RecoverError reports a panic for a helper that called recover itself, waits
// as [Recover] does, and returns. A nil value is no panic and not reported.
//
//	// LogOnPanic is deferred first in every goroutine.
//	func LogOnPanic() {
//		if value := recover(); value != nil {
//			slog.Error("panic", "value", value)
//			sentry.RecoverError(value)
//			panic(value)
//		}
//	}
func RecoverError(value any) {
	if value != nil {
		report(context.Background(), value)
	}
}

// Go runs f in a goroutine of its own, with [Recover] deferred.
func Go(f func()) {
	go func() {
		defer Recover()
		f()
	}()
}

// diskTimeout is what a panic is held for a disk, whatever the flush timeout is:
// a synced write takes milliseconds, or seconds on a card of a small board that
// does something else too.
const diskTimeout = 2 * time.Second

// report sends value as the panic of this goroutine. Whatever happens here, it
// returns within the flush timeout, or that of the disk if it is longer: the
// user's panic must go on.
func report(ctx context.Context, value any) {
	r := current.Load()
	if r == nil || value == http.ErrAbortHandler {
		return
	}
	p, fresh := observe(value)
	if !fresh {
		return
	}
	// It is tempting to send from this goroutine. But an Error method, a
	// BeforeSend or a consent function that blocks (on a mutex that the
	// panicking function holds, say) or calls runtime.Goexit would then hold
	// the panic for good.
	done := make(chan struct{})
	end := r.sender.Begin() // here: Flush knows of it as soon as report returns
	go func() {
		defer contain()
		defer close(done)
		r.reportPanic(ctx, p, end)
	}()
	bound := r.flushTimeout
	if r.store != nil {
		bound = max(bound, diskTimeout)
	}
	timer := time.NewTimer(bound)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// contain is the guard of our own goroutines: a fault of ours, or of a hook,
// must not end the program that it was to watch over.
func contain() { _ = recover() }

// An observation is a panic as its goroutine shows it.
type observation struct {
	value     any
	stack     callstack // from the place of the panic outward
	goroutine uint64
}

// observe looks at the panic of this goroutine. It is not fresh if an inner
// guard has observed it before.
func observe(value any) (p observation, fresh bool) {
	stack := callers()
	p = observation{value: value, stack: stack, goroutine: goroutineID()}
	panics := stack.panics()
	if len(panics) == 0 {
		return p, true // the helper recovered, and reports later
	}
	origin := originOf(stack, panics, value)
	p.stack = stack[panics[origin]+1:]
	// The function deferred next to each panic, beginning with the origin's.
	deferred := make([]uintptr, origin+1)
	for i := range deferred {
		deferred[i] = entryOf(stack[panics[origin-i]-1])
	}
	return p, reported.isFresh(p.fingerprint(), deferred)
}

// fingerprint is the same for all guards that one panic passes: the frames
// below the place of a panic stay as they are until the panic is over.
func (p observation) fingerprint() uint64 {
	h := fnv.New64a()
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], p.goroutine)
	h.Write(word[:])
	for _, pc := range p.stack[:min(len(p.stack), maxPCs/2)] { // callers cuts the outer end
		binary.LittleEndian.PutUint64(word[:], uint64(pc))
		h.Write(word[:])
	}
	return h.Sum64()
}

// panics returns where in the stack the runtime's panic function stands,
// innermost first.
func (s callstack) panics() (at []int) {
	for i, pc := range s {
		if f := runtime.FuncForPC(pc - 1); f != nil && f.Name() == "runtime.gopanic" {
			at = append(at, i)
		}
	}
	return at
}

// entryOf returns the entry of the function that a return address is in.
func entryOf(pc uintptr) uintptr {
	if f := runtime.FuncForPC(pc - 1); f != nil {
		return f.Entry()
	}
	return 0
}

// originOf tells which of the panics of a stack is the one that made value: the
// innermost, unless a deferred function recovered a panic and panicked again
// with the very same value. The stack of the origin is then still there, under
// that function.
func originOf(stack callstack, panics []int, value any) int {
	if len(panics) == 1 {
		return 0
	}
	values := panicArguments()
	origin := 0
	for next := 1; next < len(panics); next++ {
		raiser := stack[panics[origin]+1]
		if isRuntimes(raiser) {
			break // all nil dereferences have one value, and none is panicked again
		}
		// Beyond what the text shows, a deferred function that panics itself is
		// taken for a helper that panics again.
		again := entryOf(raiser) == entryOf(stack[panics[next]-1])
		if next < len(values) {
			again = values[next] == values[origin] || values[next] == nilArguments && isPanicNil(value)
		}
		if !again {
			break
		}
		origin = next
	}
	return origin
}

// isRuntimes tells whether a return address is in the runtime: it has panicked
// itself there, for a nil dereference or an index out of range.
func isRuntimes(pc uintptr) bool {
	f := runtime.FuncForPC(pc - 1)
	if f == nil {
		return false
	}
	pkg, _ := splitSymbol(f.Name())
	return pkg == "runtime" || hasPathPrefix(pkg, "internal/runtime")
}

// nilArguments is what panic(nil) shows; recover returns a PanicNilError.
const nilArguments = "{0x0, 0x0}"

func isPanicNil(value any) bool {
	_, ok := value.(*runtime.PanicNilError)
	return ok
}

// maxTrace holds the 100 frames that the runtime prints of a stack.
const maxTrace = 64 << 10

// panicArguments returns what identifies the values of this goroutine's
// panics, innermost first: the two words of the interface, which the runtime
// compares as well to print "[recovered, repanicked]" (preprintpanics in
// runtime/panic.go). No API tells them, but the text of the stack does:
//
//	panic({0x4b0540?, 0xd39269980c0?})
//
// A trailing question mark says that the word may be out of date; that of
// gopanic's only argument is not, as the tests hold.
func panicArguments() (values []string) {
	buf := make([]byte, maxTrace)
	buf = buf[:runtime.Stack(buf, false)]
	for line := range bytes.Lines(buf) {
		if bytes.Contains(line, []byte(" frames elided...")) {
			break // what follows can not be counted
		}
		args, ok := bytes.CutPrefix(line, []byte("panic("))
		if !ok {
			continue
		}
		args, _, _ = bytes.Cut(args, []byte(")"))
		values = append(values, strings.ReplaceAll(string(args), "?", ""))
	}
	return values
}

// goroutineID reads the number from "goroutine 18 [running]:". It tells two
// goroutines with equal stacks apart, and the crash monitor which one died.
func goroutineID() uint64 {
	var buf [64]byte
	line := buf[:runtime.Stack(buf[:], false)]
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	digits, _, _ := bytes.Cut(line, []byte(" "))
	id, _ := strconv.ParseUint(string(digits), 10, 64)
	return id
}

// maxReported bounds what is remembered of panics past. A panic is over, or the
// process is, long before as many others have come.
const maxReported = 1024

// reported remembers the panics that a guard has seen, so that the next guard
// does not report them again. It is the process's: panics outlive an Init.
var reported memory

type memory struct {
	mu     sync.Mutex
	guards map[uint64]sighting
	ring   [maxReported]uint64
	next   int
}

// A sighting is where a panic was first seen: by the guard, a function's entry,
// that ran after so many others had recovered and panicked again.
type sighting struct {
	repanics int
	guard    uintptr
}

// isFresh tells whether a panic has not been seen before, and remembers it. In
// a loop, two panics have the same fingerprint. The second is no earlier one if
// the guard that saw the earlier one has not run for it.
func (m *memory) isFresh(fingerprint uint64, deferred []uintptr) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	last := len(deferred) - 1
	s, known := m.guards[fingerprint]
	if known && s.repanics < last && deferred[s.repanics] == s.guard {
		return false
	}
	if m.guards == nil {
		m.guards = make(map[uint64]sighting)
	}
	if !known {
		delete(m.guards, m.ring[m.next])
		m.ring[m.next] = fingerprint
		m.next = (m.next + 1) % maxReported
	}
	m.guards[fingerprint] = sighting{repanics: last, guard: deferred[last]}
	return true
}

// mechanismPanic marks the exceptions that this file has made.
const mechanismPanic = "panic"

// exceptions describes a panic: one exception with the stack of its place, and,
// if its value is an error that wraps others, one for each of those. The order
// is Sentry's: the outermost, which names the issue, is the last.
func (r *reporter) exceptions(p observation) []sentry.Exception {
	handled := false
	title, module := r.titleOf(p.value)
	root := sentry.Exception{
		Type:       title,
		Module:     module,
		Value:      r.text(p.value),
		ThreadID:   p.goroutine,
		Stacktrace: r.frames.stacktrace(p.stack),
		Mechanism:  &sentry.Mechanism{Type: mechanismPanic, Handled: &handled},
	}
	links, _ := within(r.patience(), func() []link { return chain(p.value) })
	if len(links) < 2 {
		return []sentry.Exception{root}
	}
	root.Mechanism.IsExceptionGroup = links[0].group
	exceptions := make([]sentry.Exception, 0, len(links))
	for id := len(links) - 1; id > 0; id-- {
		exceptions = append(exceptions, r.linked(id, links[id]))
	}
	return append(exceptions, root)
}

func (r *reporter) linked(id int, l link) sentry.Exception {
	return sentry.Exception{
		Type:  reflect.TypeOf(l.err).String(),
		Value: r.text(l.err),
		Mechanism: &sentry.Mechanism{
			Type:             sentry.MechanismTypeChained,
			Source:           l.source,
			ExceptionID:      id,
			ParentID:         &l.parent,
			IsExceptionGroup: l.group,
		},
	}
}

// titleOf names the kind of a panic, and the package of the user's error type
// if that is the name.
func (r *reporter) titleOf(value any) (title, module string) {
	if isRuntimeError(value) {
		return "runtime error", ""
	}
	if _, ok := value.(error); ok {
		if t := named(value); t.Name() != "" && r.frames.isInApp(t.PkgPath()) {
			return t.String(), t.PkgPath()
		}
	}
	return "panic", ""
}

// isRuntimeError tells whether the runtime itself made value: a user's type may
// have a RuntimeError method as well.
func isRuntimeError(value any) bool {
	_, ok := value.(runtime.Error)
	return ok && named(value).PkgPath() == "runtime"
}

// named is the type that was declared: that behind a pointer.
func named(value any) reflect.Type {
	t := reflect.TypeOf(value)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t
}

// text is what the runtime would print of a panic value.
func (r *reporter) text(value any) string {
	if r.withoutMessages {
		return ""
	}
	text := textOf(value, r.patience())
	if isRuntimeError(value) {
		return strings.TrimPrefix(text, "runtime error: ") // the title says it
	}
	return text
}

// textOf words a value as printpanicval in runtime/error.go does, but without
// the address of what has no words. Neither %v nor %+v will do: they show the
// fields of a struct, and never end for a value that contains itself.
func textOf(value any, wait time.Duration) string {
	switch v := value.(type) {
	case nil:
		return "nil"
	case error:
		return called(value, "Error", v.Error, wait)
	case fmt.Stringer:
		return called(value, "String", v.String, wait)
	case string:
		return v
	}
	v := reflect.ValueOf(value)
	text, ok := basic(v)
	switch {
	case !ok:
		return "(" + v.Type().String() + ")"
	case v.Type().PkgPath() != "": // a type of the user's own
		return v.Type().String() + "(" + text + ")"
	}
	return text
}

// basic words a value of a basic kind. fmt would call a Format method.
func basic(v reflect.Value) (text string, ok bool) {
	switch {
	case v.Kind() == reflect.String:
		return `"` + v.String() + `"`, true
	case v.Kind() == reflect.Bool:
		return strconv.FormatBool(v.Bool()), true
	case v.CanInt():
		return strconv.FormatInt(v.Int(), 10), true
	case v.CanUint():
		return strconv.FormatUint(v.Uint(), 10), true
	case v.CanFloat():
		return strconv.FormatFloat(v.Float(), 'g', -1, 64), true
	case v.CanComplex():
		return strconv.FormatComplex(v.Complex(), 'g', -1, 128), true
	default:
		return "", false
	}
}

// called returns what a method of the user's says, if it returns: it may panic,
// or wait for a lock that the panicking function holds.
func called(value any, method string, f func() string, wait time.Duration) string {
	if text, ok := within(wait, f); ok {
		return text
	}
	return "(" + reflect.TypeOf(value).String() + ") whose " + method + " method did not return"
}

// within runs f in a goroutine of its own, for at most wait. It is not ok if f
// has not returned by then, or never will: by a panic or runtime.Goexit.
func within[T any](wait time.Duration, f func() T) (result T, ok bool) {
	results := make(chan T, 1)
	ended := make(chan struct{})
	go func() {
		defer contain()
		defer close(ended)
		results <- f()
	}()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ended:
	case <-timer.C:
	}
	select {
	case result = <-results:
		return result, true
	default:
		return result, false
	}
}

// maxChain is more errors than any honest chain wraps, and few enough to read.
const maxChain = 32

// A link is an error of a chain. Its parent is the index of the one that wraps
// it, and source how.
type link struct {
	err    error
	parent int
	source string
	group  bool // wraps several
}

// chain lists the errors that value wraps, depth first, value itself first. It
// ends at maxChain, and at an error that it has seen.
func chain(value any) (links []link) {
	err, ok := value.(error)
	if !ok {
		return nil
	}
	seen := make(map[identity]bool)
	var walk func(l link)
	walk = func(l link) {
		if len(links) >= maxChain || l.err == nil || isSeen(seen, l.err) {
			return
		}
		id := len(links)
		links = append(links, l)
		wrapped, source := unwrap(l.err)
		links[id].group = len(wrapped) > 1 || strings.HasPrefix(source, "errors[")
		for i, err := range wrapped {
			walk(link{err: err, parent: id, source: strings.Replace(source, "[]", "["+strconv.Itoa(i)+"]", 1)})
		}
	}
	walk(link{err: err})
	return links
}

// An identity is the type of an error and its address: a struct and its first
// field have the same.
type identity struct {
	t reflect.Type
	p uintptr
}

// isSeen knows errors by their address: others can not make a cycle. Nor can
// those without a size, which all have the same.
func isSeen(seen map[identity]bool, err error) bool {
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Pointer || v.Type().Elem().Size() == 0 {
		return false
	}
	id := identity{v.Type(), v.Pointer()}
	known := seen[id]
	seen[id] = true
	return known
}

// unwrap asks an error for those that it wraps, and how they are called.
func unwrap(err error) (wrapped []error, source string) {
	defer func() { _ = recover() }()
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		return e.Unwrap(), "errors[]"
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}, sentry.MechanismTypeUnwrap
	case interface{ Cause() error }:
		return []error{e.Cause()}, sentry.MechanismSourceCause
	default:
		return nil, ""
	}
}

const (
	// maxSettled keys are remembered of panics that were reported. One that
	// kills the process does so at once; others are those that a framework
	// recovers above the guard.
	maxSettled = 64

	// maxOpen bounds the reports whose fate is not known.
	maxOpen = 1024

	// wholeKey frames are all compared to tell a panic again. Of a stack with
	// more than 100, its own included, the runtime leaves out the middle, and
	// keyFrames of the 50 at the inner end are there in any case.
	wholeKey  = 80
	keyFrames = 30

	// keyText bytes of a panic's text are compared where there are no frames.
	// The runtime's text is cut much later.
	keyText = 1 << 10
)

// A ledger keeps apart the panics that are taken care of, so that they are not
// reported again from outside when the process dies of them: their report is on
// disk, or was accepted, or is not wanted.
type ledger struct {
	mu      sync.Mutex
	open    map[sentry.EventID]*entry
	settled []string // keys, the oldest first
}

// An entry is a report whose fate is not known.
type entry struct {
	keys []string
	sent bool
}

func (l *ledger) keys() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.settled)
}

// opened are the keys of reports that are on their way, with their ids: not more
// than are remembered of others.
func (l *ledger) opened() map[string]sentry.EventID {
	l.mu.Lock()
	defer l.mu.Unlock()
	ids := map[string]sentry.EventID{}
	for id, e := range l.open {
		for _, key := range e.keys {
			ids[key] = id
		}
		if len(ids) >= maxSettled {
			break
		}
	}
	return ids
}

// isOpen tells whether the fate of a report is not known.
func (l *ledger) isOpen(id sentry.EventID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[id] != nil
}

// sent notes that a report has passed the hooks of the application.
func (l *ledger) sent(id sentry.EventID) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e := l.open[id]; e != nil {
		e.sent = true
	}
}

// add opens an entry, and tells whether an earlier panic had one of its keys:
// that one is over, and says nothing of this one any more.
func (l *ledger) add(id sentry.EventID, keys []string) (again bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil || len(l.open) >= maxOpen {
		l.open = make(map[sentry.EventID]*entry)
	}
	l.open[id] = &entry{keys: keys}
	before := len(l.settled)
	l.settled = slices.DeleteFunc(l.settled, func(key string) bool { return slices.Contains(keys, key) })
	return len(l.settled) != before
}

// settle closes an entry, and tells whether there was one.
func (l *ledger) settle(id sentry.EventID) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.open[id]
	if e == nil {
		return false
	}
	delete(l.open, id)
	l.settled = append(l.settled, e.keys...)
	l.settled = l.settled[max(len(l.settled)-maxSettled, 0):]
	return len(e.keys) > 0
}

// enter opens the entry of a panic's report, if a death could be seen from
// outside.
func (r *reporter) enter(event *sentry.Event, p observation) {
	if !r.isWatched() {
		return
	}
	keys := []string{textKey(textOf(p.value, r.patience()))}
	if key := placeKey(p.goroutine, r.frames.stacktrace(p.stack)); key != "" {
		keys = append(keys, key)
	}
	if r.ledger.add(event.EventID, keys) || r.run.pipe {
		r.remember() // without a disk, the other process may have to send it
	}
}

// settle: the panic of this report needs none from outside.
func (r *reporter) settle(id sentry.EventID) {
	if r.ledger.settle(id) {
		r.remember()
	}
}

// settleUnsent settles a report that a hook or a limit has held back.
func (r *reporter) settleUnsent(id sentry.EventID) {
	r.ledger.mu.Lock()
	e := r.ledger.open[id]
	unsent := e != nil && !e.sent
	r.ledger.mu.Unlock()
	if unsent {
		r.settle(id)
	}
}

// placeKey is the same for a panic seen from within and from outside. The kind
// is not part of it: the text of a crash does not name a user's error type.
func placeKey(goroutine uint64, st *sentry.Stacktrace) string {
	if st == nil {
		return ""
	}
	frames, all := st.Frames, len(st.Frames)
	if len(st.FramesOmitted) == 2 {
		all += int(st.FramesOmitted[1] - st.FramesOmitted[0])
	}
	if all > wholeKey {
		frames = frames[max(len(frames)-keyFrames, 0):]
	}
	h := sha256.New()
	fmt.Fprintln(h, goroutine)
	for _, f := range frames {
		fmt.Fprintln(h, f.Module, f.Function, f.Lineno)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// textKey tells a panic again that was printed without a stack, under
// GOTRACEBACK=none.
func textKey(text string) string {
	sum := sha256.Sum256([]byte("text\n" + text[:min(len(text), keyText)]))
	return hex.EncodeToString(sum[:16])
}

// keyOf is one of those that a panic had if it was reported before the process
// died of it, or "".
func (r *reporter) keyOf(d *traceback.Dump) string {
	switch {
	case d.Kind != traceback.Panic && d.Kind != traceback.RuntimeError:
		return ""
	case len(d.Goroutines) == 0:
		return textKey(d.Reason)
	default:
		return placeKey(uint64(d.Goroutines[0].ID), r.originOfDump(d))
	}
}

// isWatched tells whether the death of this process would be reported.
func (r *reporter) isWatched() bool { return r.run.file || r.run.pipe }

// A fate is the end of a process, as it is seen from outside.
type fate struct {
	run    string // its id
	words  lastWords
	began  time.Time
	at     time.Time
	dump   *traceback.Dump
	seenBy string
}

// errNoDeath says that a crash output tells of no death.
var errNoDeath = errors.New("the crash output tells of no death")

// reportDead reports the crash of a run that died before, and gives it up.
// words are the runtime's own for a fatal error, if they were seen.
func (r *reporter) reportDead(d *spool.DeadRun, words, seenBy string, done func() error) {
	defer d.Release() // in the end: what was not removed is for the next start
	if r.ctx.Err() != nil {
		return
	}
	f, err := r.fateOf(d)
	f.seenBy = seenBy
	if err == nil {
		r.hear(f.dump, words)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist): // marked as crashed, and reported by then
	case err != nil:
		r.warn(err)
	case !r.reportFate(f):
		return
	}
	r.warn(done())
}

// hear takes the runtime's own words for a fatal error. What only looks like them
// is a text of the program's: it does not replace what the frames tell, and is
// nothing that WithoutMessages lets through.
func (r *reporter) hear(d *traceback.Dump, words string) {
	if words == "" || d.Kind != traceback.Fatal || !d.Inferred {
		return
	}
	if !traceback.IsRuntimes(words) && (r.withoutMessages || traceback.IsRuntimes(d.Reason)) {
		return
	}
	d.Reason, d.Inferred = words, false
}

// fateOf reads the crash output of a dead run.
func (r *reporter) fateOf(d *spool.DeadRun) (fate, error) {
	file, err := d.OpenCrashFile()
	if err != nil {
		return fate{}, err
	}
	defer file.Close()
	f := fate{run: d.ID, began: d.Started, at: time.Now()}
	if info, err := file.Stat(); err == nil {
		f.at = info.ModTime()
	}
	_ = json.Unmarshal(d.Meta, &f.words) // without them, it is still a crash
	f.dump, err = traceback.Parse(file)
	return f, err
}

// reportFate takes a death all the way, and tells whether it is done with.
func (r *reporter) reportFate(f fate) (done bool) {
	if !r.allowed() {
		r.forget()
		return true
	}
	if f.dump.Kind == traceback.Unknown && len(f.dump.Goroutines) == 0 && len(f.dump.RuntimeStack) == 0 {
		r.warn(errNoDeath)
		return true
	}
	key := r.keyOf(f.dump)
	if key != "" && slices.Contains(f.words.Reported, key) {
		return true
	}
	event := r.eventOf(f)
	if id, ok := f.words.Open[key]; ok {
		event.EventID = id // the answer may have been lost, and not the report
	}
	r.ledger.add(event.EventID, nil)
	if r.withinLimit(event) {
		plain := *event
		plain.Contexts, plain.Exception = maps.Clone(event.Contexts), slices.Clone(event.Exception)
		hint := &sentry.EventHint{Data: anotherProcess}
		if _, ok := within(r.patience(), func() any { r.capture(event, hint, sentry.NewScope()); return nil }); !ok {
			r.deliver(&plain)
		}
	}
	r.settleUnsent(event.EventID)
	if r.ledger.isOpen(event.EventID) {
		r.await(event.EventID)
	}
	return !r.ledger.isOpen(event.EventID)
}

// anotherProcess is in the hint of an event that is not about this one.
var anotherProcess any = new(fate)

// eventOf describes a death as exceptions does a panic: seen both ways, it has
// the same name and frames. Its id is that of the run, so that it is one event
// for the server whoever sends it.
func (r *reporter) eventOf(f fate) *sentry.Event {
	d := f.dump
	event := sentry.NewEvent()
	sum := sha256.Sum256([]byte("death of " + f.run))
	event.EventID = eventID([16]byte(sum[:]))
	event.Level = sentry.LevelFatal
	event.Timestamp = f.at
	event.Release, event.Environment = f.words.Release, f.words.Environment
	event.Tags = mergeTags(map[string]string{}, f.words.Tags)
	handled := false
	x := sentry.Exception{
		Type:       d.Title(),
		Value:      r.reasonOf(d),
		Stacktrace: r.originOfDump(d),
		Mechanism:  &sentry.Mechanism{Type: mechanismPanic, Handled: &handled},
	}
	if d.Kind == traceback.Unknown {
		x.Type = "crash"
	}
	if len(d.Goroutines) > 0 {
		x.ThreadID = uint64(d.Goroutines[0].ID)
	}
	event.Exception = []sentry.Exception{x}
	var left int
	event.Threads, left = r.threads(d)
	event.Contexts["crash"] = r.remarks(f, left)
	if !f.began.IsZero() {
		event.Contexts["app"] = sentry.Context{"app_start_time": f.began.UTC().Format(time.RFC3339)}
	}
	if f.words.Go != "" {
		event.Contexts["runtime"] = sentry.Context{"name": "go", "version": f.words.Go}
	}
	return event
}

// reasonOf is the text of a death. That of a panic is the user's; those of the
// runtime are fixed.
func (r *reporter) reasonOf(d *traceback.Dump) string {
	switch {
	case d.Kind != traceback.Panic && d.Kind != traceback.RuntimeError:
		return d.Reason
	case r.withoutMessages:
		return ""
	case d.Kind == traceback.RuntimeError:
		return strings.TrimPrefix(d.Reason, "runtime error: ") // the title says it
	default:
		return d.Reason
	}
}

func (r *reporter) originOfDump(d *traceback.Dump) *sentry.Stacktrace {
	stack := d.Origin()
	if len(d.Goroutines) == 0 {
		return r.frames.printed(stack, 0, 0)
	}
	g := d.Goroutines[0]
	return r.frames.printed(stack, g.Elided, g.ElidedAt-(len(g.Frames)-len(stack)))
}

// remarks say what the exception has no place for.
func (r *reporter) remarks(f fate, left int) sentry.Context {
	d := f.dump
	c := sentry.Context{"seen_by": f.seenBy}
	if d.Truncated {
		c["truncated"] = "the crash output ends in the middle of a line"
	}
	if d.Inferred {
		c["inferred"] = "the reason is what the frames tell"
	}
	if left += d.Dropped; left > 0 {
		c["goroutines_left_out"] = left
	}
	if d.Unread.Lines > 0 {
		c["lines_not_understood"] = d.Unread.Lines
	}
	if len(d.Goroutines) > 0 && d.Goroutines[0].CreatedBy != nil {
		by := d.Goroutines[0].CreatedBy
		if f, _, ok := r.frames.frame(by.Function, by.File, by.Line); ok {
			c["created_by"] = fmt.Sprintf("%s.%s at %s:%d", f.Module, f.Function, f.Filename, f.Lineno)
		}
	}
	if n := len(d.Panics); n > 1 && !r.withoutMessages {
		earlier := make([]string, 0, n-1)
		for _, p := range d.Panics[:n-1] {
			earlier = append(earlier, p.Value)
		}
		c["earlier_panics"] = earlier
	}
	return c
}

const (
	// maxThreads goroutines are more than anybody reads.
	maxThreads = 100

	// maxThreadsSize keeps an event within the 200 kB of a report, together
	// with frameSize, which is what a frame takes beside its names.
	maxThreadsSize = 100_000
	frameSize      = 100
)

// threads are the goroutines of a dump, the one that crashed first: its stack
// is that of the exception. So many are left out for their size.
func (r *reporter) threads(d *traceback.Dump) (threads []sentry.Thread, left int) {
	size := 0
	for i, g := range d.Goroutines {
		t := sentry.Thread{ID: strconv.FormatInt(g.ID, 10), Name: nameOf(g), Crashed: g.Crashed, Current: i == 0}
		if i > 0 {
			t.Stacktrace = r.frames.printed(g.Frames, g.Elided, g.ElidedAt)
			size += sizeOf(t.Stacktrace)
		}
		if i >= maxThreads || size > maxThreadsSize {
			return threads, len(d.Goroutines) - i
		}
		threads = append(threads, t)
	}
	return threads, 0
}

// nameOf words a goroutine as the runtime does: sentry-go has no field for the
// state.
func nameOf(g traceback.Goroutine) string {
	state := g.State
	if g.Wait > 0 {
		state += fmt.Sprintf(", %d minutes", int(g.Wait.Minutes()))
	}
	if g.LockedToThread {
		state += ", locked to thread"
	}
	return fmt.Sprintf("goroutine %d [%s]", g.ID, state)
}

func sizeOf(st *sentry.Stacktrace) (size int) {
	if st == nil {
		return frameSize
	}
	for _, f := range st.Frames {
		size += frameSize + len(f.Function) + len(f.Module) + len(f.Filename)
	}
	return size
}
