// Command crash dies in the way that its argument names. With SENTRY_TEST_DSN it
// reports first; without, it is the same program without the library.
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	sentrygo "github.com/getsentry/sentry-go"

	"example.com/acme/crash/common"

	"github.com/panicreport/sentry"
)

func main() {
	if dsn := os.Getenv("SENTRY_TEST_DSN"); dsn != "" {
		begin := time.Now()
		sentry.MustInit(append(options(), sentry.WithDSN(dsn))...)
		tell("init %d", time.Since(begin).Milliseconds())
		tell("crashed %t", sentry.CrashedLastRun())
		defer closeAndTell()
	}
	death, ok := deaths[os.Args[1]]
	if !ok {
		fmt.Fprintln(os.Stderr, "unknown death:", os.Args[1])
		os.Exit(64)
	}
	death()
}

// tell speaks to the parent test, if that asked for it.
func tell(format string, args ...any) {
	if os.Getenv("CRASH_TELL") != "" {
		fmt.Printf(format+"\n", args...)
	}
}

func closeAndTell() {
	if err := sentry.Close(); err != nil {
		tell("close %v", err)
	}
}

// options are those of the environment: the parent test chooses.
func options() (opts []sentry.Option) {
	opts = append(opts, sentry.WithTags(map[string]string{"death": os.Args[1]}))
	if os.Getenv("CRASH_WITHOUT_MESSAGES") != "" {
		opts = append(opts, sentry.WithoutMessages())
	}
	if os.Getenv("CRASH_NO_DSN") != "" {
		opts = append(opts, sentry.WithDSN(""))
	}
	if dir := os.Getenv("CRASH_SPOOL"); dir != "" {
		opts = append(opts, sentry.WithSpool(dir))
	}
	if rate := os.Getenv("CRASH_RATE"); rate != "" {
		n, per, _ := strings.Cut(rate, "/")
		count, err1 := strconv.Atoi(n)
		period, err2 := time.ParseDuration(per)
		if err := errors.Join(err1, err2); err != nil {
			panic(err)
		}
		opts = append(opts, sentry.WithRateLimit(count, period))
	}
	if flush := os.Getenv("CRASH_FLUSH"); flush != "" {
		d, err := time.ParseDuration(flush)
		if err != nil {
			panic(err)
		}
		opts = append(opts, sentry.WithFlushTimeout(d))
	}
	if os.Getenv("CRASH_NO_CONSENT") != "" {
		opts = append(opts, sentry.WithConsent(func() bool { return false }))
	}
	opts = append(opts, sentry.WithClientOptions(network))
	if hook := os.Getenv("CRASH_HOOK"); hook != "" {
		opts = append(opts, sentry.WithFlushTimeout(2*time.Second),
			sentry.WithClientOptions(func(o *sentrygo.ClientOptions) { o.BeforeSend = hooks[hook] }))
	}
	return opts
}

// network is how the program reaches the server: CRASH_PROXY, CRASH_CA with a
// file of certificates, and CRASH_RESOLVE with the address of every name, or
// none for a resolver that knows no name.
func network(o *sentrygo.ClientOptions) {
	o.HTTPProxy = os.Getenv("CRASH_PROXY")
	if file := os.Getenv("CRASH_CA"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		o.CaCerts = x509.NewCertPool()
		o.CaCerts.AppendCertsFromPEM(pem)
	}
	if address := os.Getenv("CRASH_RESOLVE"); address != "" {
		o.HTTPTransport = &http.Transport{DialContext: func(ctx context.Context, network, name string) (net.Conn, error) {
			if address == "none" {
				return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}}
	}
}

var hooks = map[string]func(*sentrygo.Event, *sentrygo.EventHint) *sentrygo.Event{
	"panics":  func(*sentrygo.Event, *sentrygo.EventHint) *sentrygo.Event { panic("in the hook") },
	"goexits": func(*sentrygo.Event, *sentrygo.EventHint) *sentrygo.Event { runtime.Goexit(); return nil },
	"hangs":   func(*sentrygo.Event, *sentrygo.EventHint) *sentrygo.Event { select {} },
	"discloses": func(e *sentrygo.Event, _ *sentrygo.EventHint) *sentrygo.Event {
		e.ServerName = "bobs-laptop"
		e.Exception[len(e.Exception)-1].Value = "password=hunter2"
		return e
	},
}

// guarded runs f as an application runs its goroutines. If f panics, main waits
// for the process to end: a deferred Done would let main win the race.
func guarded(f func()) {
	done := make(chan struct{})
	go func() {
		defer sentry.Recover()
		f()
		close(done)
	}()
	<-done
}

// exited runs runtime.Goexit under a guard.
func exited() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer sentry.Recover()
		runtime.Goexit()
	}()
	<-done
}

type queryError struct{ Query string }

func (e *queryError) Error() string { return "query failed: " + e.Query }

type config struct {
	User     string
	Password string
}

type verdict string

type temperature float64

type stringer struct{ password string }

func (stringer) String() string { return "a stringer" }

type liar struct{}

func (liar) Error() string { panic("no words") }

type cycle struct{ next error }

func (c *cycle) Error() string { return "a cycle" }
func (c *cycle) Unwrap() error { return c.next }

var (
	errStatic = errors.New("static")
	nilConfig *config
	zero      int
	noInts    []int
	noMap     map[string]int
	anything  any = "text"
)

//go:noinline
func deep(n int) int {
	if n == 0 {
		panic("deep")
	}
	return deep(n-1) + 1
}

var deaths = map[string]func(){
	"none":         func() {},
	"nil":          func() { guarded(func() { nilConfig.User = "bob" }) },
	"index":        func() { guarded(func() { _ = noInts[5+zero] }) },
	"nilmap":       func() { guarded(func() { noMap["a"] = 1 }) },
	"closed":       func() { guarded(func() { c := make(chan int); close(c); close(c) }) },
	"assertion":    func() { guarded(func() { _ = anything.(int) }) },
	"division":     func() { guarded(func() { _ = 1 / zero }) },
	"string":       func() { guarded(func() { panic("boom") }) },
	"error":        func() { guarded(func() { panic(errStatic) }) },
	"chain":        func() { guarded(func() { panic(fmt.Errorf("load: %w", fmt.Errorf("open: %w", os.ErrNotExist))) }) },
	"join":         func() { guarded(func() { panic(errors.Join(errStatic, os.ErrClosed)) }) },
	"pkgerrors":    func() { guarded(func() { panic(common.MadeElsewhere()) }) },
	"panicnil":     func() { guarded(func() { panic(nil) }) },
	"struct":       func() { guarded(func() { panic(config{"bob", "hunter2"}) }) },
	"stringer":     func() { guarded(func() { panic(stringer{"hunter2"}) }) },
	"ownerror":     func() { guarded(func() { panic(&queryError{"select 1"}) }) },
	"ownstring":    func() { guarded(func() { panic(verdict("guilty")) }) },
	"ownfloat":     func() { guarded(func() { panic(temperature(36.6)) }) },
	"int":          func() { guarded(func() { panic(42) }) },
	"waitgroup":    func() { guarded(func() { var wg sync.WaitGroup; wg.Add(-1) }) },
	"deep":         func() { guarded(func() { deep(400) }) },
	"deferred":     func() { guarded(func() { defer func() { panic("second") }(); panic("first") }) },
	"main":         func() { defer sentry.Recover(); panic("in main") },
	"secret":       func() { guarded(func() { panic("login failed: password=hunter2 for bob@example.com") }) },
	"locked":       func() { guarded(locked) },
	"sometimes":    sometimes,
	"deepguards":   func() { guarded(func() { deepGuards(60) }) },
	"manyguards":   func() { guarded(manyGuards) },
	"cleanupnil":   func() { guarded(func() { defer cleanUpNil(); useNil() }) },
	"cleanupnils":  func() { guarded(func() { defer cleanUpNil(); defer sentry.Recover(); useNil() }) },
	"liar":         func() { guarded(func() { panic(liar{}) }) },
	"selfslice":    func() { guarded(func() { s := make([]any, 1); s[0] = s; panic(s) }) },
	"huge":         func() { guarded(func() { panic(strings.Repeat("x", 8<<20)) }) },
	"cycle":        func() { guarded(func() { a, b := &cycle{}, &cycle{}; a.next, b.next = b, a; panic(a) }) },
	"goexit":       exited,
	"exit":         func() { guarded(func() { os.Exit(3) }) },
	"helper":       func() { unwound(func() { defer common.LogOnPanic(); panic("helper") }) },
	"helperagain":  func() { unwound(func() { defer sentry.Recover(); defer common.PanicAgain(); panic("again") }) },
	"nested":       nested,
	"timer":        func() { time.AfterFunc(0, func() { defer sentry.Recover(); panic("in a timer") }); select {} },
	"go":           func() { sentry.Go(func() { panic("in Go") }); select {} },
	"context":      func() { unwound(inContext) },
	"loop":         loop,
	"crowd":        crowd,
	"abort":        func() { survived(func() { panic(http.ErrAbortHandler) }) },
	"repaniced":    repaniced,
	"afterclose":   afterClose,
	"clonedhub":    clonedHub,
	"two":          func() { survived(func() { panic("one") }); survived(func() { panic("two") }) },
	"newdeferred":  newInDeferred,
	"guardpanics":  func() { unwound(func() { defer common.LogOnPanic(); defer common.LogOnPanic(); panic("twice") }) },
	"latehelper":   lateHelper,
	"againinaloop": againInALoop,
	"unguarded":    func() { go panic("unguarded"); select {} },
	"inmain":       func() { panic("in main, without a guard") },
	"killed":       killed,
	"dirremoved":   func() { _ = os.RemoveAll(os.Getenv("CRASH_SPOOL")); guarded(func() { panic("removed") }) },
	"stream":       stream,
	"frozen":       frozen,
	"full":         full,
	"everything":   everything,
}

func killed() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	fmt.Fprintln(os.Stderr, err)
	select {}
}

// full panics without a guard when nothing can be written to the disk of its spool.
func full() {
	f, err := os.Create(filepath.Join(os.Getenv("CRASH_DISK"), "filler"))
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	go panic("the disk is full")
	select {}
}

// frozen panics while the disk of its spool hangs.
func frozen() {
	fsfreeze := func(how string) {
		if out, err := exec.Command("fsfreeze", how, os.Getenv("CRASH_DISK")).CombinedOutput(); err != nil {
			fmt.Fprintln(os.Stderr, err, string(out))
			os.Exit(66)
		}
	}
	fsfreeze("-f")
	everything()
	fsfreeze("-u")
}

// everything does what an application does with the library, and tells how long it
// takes.
func everything() {
	for _, call := range []struct {
		name string
		do   func()
	}{
		{"breadcrumb", func() { sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Message: "step"}) }},
		{"panic", func() { survived(func() { panic("boom") }) }},
		{"tag", func() { sentry.SetTag("stage", "running") }},
		{"crashed", func() { sentry.CrashedLastRun() }},
		{"flush", func() { sentry.Flush(100 * time.Millisecond) }},
		{"again", func() { sentry.MustInit(append(options(), sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")))...) }},
		{"anotherpanic", func() { survived(func() { panic("another") }) }},
		{"close", func() { _ = sentry.Close() }},
		{"closeagain", func() { _ = sentry.Close() }},
	} {
		begin := time.Now()
		call.do()
		tell("took %s %v", call.name, time.Since(begin))
	}
}

// stream panics until it is killed, in batches that the server has to accept
// before the next, and tells the id of each report that is stored.
func stream() {
	var id sentrygo.EventID
	sentrygo.CurrentHub().Client().AddEventProcessor(func(e *sentrygo.Event, _ *sentrygo.EventHint) *sentrygo.Event {
		id = e.EventID
		return e
	})
	for {
		for i := range 5 {
			survived(func() { panic(i) })
			tell("+%s", id)
		}
		sentry.Flush(5 * time.Second)
	}
}

// unwound runs f under a guard of its own, in a goroutine.
func unwound(f func()) { guarded(f) }

// survived recovers above the guard, as a server does.
func survived(f func()) {
	defer func() { _ = recover() }()
	defer sentry.Recover()
	f()
}

// deepGuards has a guard at each call, more than a stack's text shows.
//
//go:noinline
func deepGuards(n int) {
	defer common.LogOnPanic()
	if n == 0 {
		panic("deep guards")
	}
	deepGuards(n - 1)
}

func manyGuards() {
	for range 30 {
		defer common.LogOnPanic()
	}
	panic("many guards")
}

// useNil and cleanUpNil trip over the same nil pointer, one after the other:
// two panics, although the runtime has one value for both.
//
//go:noinline
func useNil() { nilConfig.User = "bob" }

//go:noinline
func cleanUpNil() { nilConfig.User = "" }

// lockedError wants the lock that the panicking function holds.
type lockedError struct{ mu sync.Mutex }

func (e *lockedError) Error() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return "locked"
}

// locked survives its panic: the runtime itself would wait for the lock to print.
func locked() {
	e := &lockedError{}
	e.mu.Lock()
	survived(func() { panic(e) })
	os.Exit(0)
}

// nested passes three guards and a helper that panics again.
func nested() {
	guarded(func() {
		defer sentry.Recover()
		func() {
			defer common.LogOnPanic()
			func() {
				defer common.PanicAgain()
				func() {
					defer sentry.RecoverWithContext(context.Background())
					panic("nested")
				}()
			}()
		}()
	})
}

// loop panics three times with the same error at the same place.
func loop() {
	for range 3 {
		survived(func() { panic(errStatic) })
	}
}

// againInALoop has a helper that panics again under the first guard.
func againInALoop() {
	for range 3 {
		survived(func() { defer common.PanicAgain(); panic(errStatic) })
	}
}

// sometimes has a helper that panics again under the guard, the second time only:
// two panics of one place, of which the second has come a longer way.
func sometimes() {
	for i := range 2 {
		survived(func() {
			if i == 1 {
				defer common.PanicAgain()
			}
			panic(errStatic)
		})
	}
}

func crowd() {
	var wg sync.WaitGroup
	for i := range 200 {
		wg.Go(func() { survived(func() { panic(fmt.Sprintf("member %d", i)) }) })
	}
	wg.Wait()
}

// repaniced: a new panic of the same value, while the first is reported.
func repaniced() {
	survived(func() { panic(errStatic) })
	survived(func() { panic(errStatic) })
}

func newInDeferred() {
	guarded(func() {
		defer func() { panic("new") }()
		defer sentry.Recover()
		panic("old")
	})
}

func afterClose() {
	survived(func() { panic("before") })
	if err := sentry.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(65)
	}
	survived(func() { panic("after") })
}

func clonedHub() {
	hub := sentrygo.CurrentHub().Clone()
	hub.CaptureException(errors.New("before"))
	sentry.Close()
	hub.CaptureException(errors.New("after"))
	sentry.Flush(time.Second)
	hub.Flush(time.Second)
}

// lateHelper recovers, and reports when the deferred function is done.
func lateHelper() {
	value := func() (value any) {
		defer func() { value = recover() }()
		panic("late")
	}()
	sentry.RecoverError(value)
}

func inContext() {
	hub := sentrygo.NewHub(nil, sentrygo.NewScope())
	hub.Scope().SetTag("request_id", "r-1")
	hub.Scope().SetUser(sentrygo.User{ID: "42", Email: "bob@example.com"})
	hub.Scope().AddBreadcrumb(&sentrygo.Breadcrumb{Message: "token=hunter2"}, 10)
	ctx := sentrygo.SetHubOnContext(context.Background(), hub)
	defer sentry.RecoverWithContext(ctx)
	panic("in context")
}
