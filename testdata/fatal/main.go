// Command fatal dies of what no recover can see, in the way that its argument
// names. With SENTRY_TEST_DSN it reports that; without, it is the same program
// without the library.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"github.com/panicreport/sentry"
)

// kind is how to die.
var kind string

// init does what the packages of a program may do before main.
func init() {
	if os.Getenv("FATAL_CHILD") != "" {
		must(exec.Command("sleep", "2").Start())
	}
}

func main() {
	kind = os.Args[1]
	note("before")
	before()
	if dsn := os.Getenv("SENTRY_TEST_DSN"); dsn != "" {
		begin(append(options(), sentry.WithDSN(dsn))...)
		if dsn := os.Getenv("FATAL_SECOND_DSN"); dsn != "" {
			begin(append(options(), sentry.WithDSN(dsn), sentry.WithoutMessages())...)
		}
		defer sentry.Close()
	}
	note("up")
	sentry.SetTag("stage", "running")
	if kind == "wait" {
		kind = wait()
	}
	death, ok := deaths[kind]
	if !ok {
		fmt.Fprintln(os.Stderr, "unknown death:", kind)
		os.Exit(64)
	}
	if os.Getenv("FATAL_GUARDED") == "" {
		death()
		return
	}
	if os.Getenv("FATAL_GUARDED") == "helper" {
		defer logOnPanic()
	} else {
		defer sentry.Recover()
	}
	death()
}

// logOnPanic is the guard of most applications.
func logOnPanic() {
	if value := recover(); value != nil {
		sentry.RecoverError(value)
		panic(value)
	}
}

// note writes down how often the program gets here, and bounds that.
func note(place string) {
	name := os.Getenv("FATAL_LOG")
	if name == "" {
		return
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	must(err)
	defer file.Close()
	_, err = file.WriteString(place + "\n")
	must(err)
	text, err := os.ReadFile(name)
	must(err)
	if strings.Count(string(text), "\n") > 30 {
		os.Exit(66)
	}
}

// before is what programs do before Init, and should not.
func before() {
	self := exec.Command(executable(), os.Args[1:]...)
	switch os.Getenv("FATAL_BEFORE") {
	case "remove":
		_ = os.Remove(executable()) // the monitor comes here, too
	case "rename":
		must(os.Rename(executable(), executable()+".old"))
	case "args":
		os.Args = nil
	case "stdin":
		null, err := os.Open(os.DevNull)
		must(err)
		must(syscall.Dup3(int(null.Fd()), 0, 0)) // arm64 has no dup2
		os.Stdin = null
	case "daemon":
		if os.Getenv("FATAL_DAEMON") == "" {
			must(os.Setenv("FATAL_DAEMON", "1"))
			must(self.Start())
			os.Exit(0)
		}
		must(os.Unsetenv("FATAL_DAEMON"))
	case "exec":
		if pid := strconv.Itoa(os.Getpid()); os.Getenv("FATAL_EXEC") != pid {
			must(os.Setenv("FATAL_EXEC", pid))
			must(syscall.Exec(executable(), os.Args, os.Environ()))
		}
	case "helper":
		self.Args = []string{self.Args[0], "none"}
		self.Env = append(os.Environ(), "FATAL_BEFORE=", "FATAL_LOG=")
		must(self.Run())
	case "alone": // as a program does that listens on a port
		if _, err := os.OpenFile(os.Getenv("FATAL_ALONE"), os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			os.Exit(67)
		}
	case "silent":
		begin(sentry.WithCrashMonitor(), sentry.WithSupervisor())
	}
}

func begin(opts ...sentry.Option) {
	if err := sentry.Init(opts...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(65)
	}
}

func executable() string {
	exe, err := os.Executable()
	must(err)
	return exe
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// logger writes to standard error, and to a file that a monitor has too.
func logger() *slog.Logger {
	out := io.Writer(os.Stderr)
	if name := os.Getenv("SENTRY_TEST_LOG"); name != "" {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		must(err)
		out = io.MultiWriter(out, file)
	}
	return slog.New(slog.NewTextHandler(out, nil)).With("pid", os.Getpid(), "release", os.Getenv("FATAL_RELEASE"))
}

// options are those of the environment: the parent test chooses.
func options() []sentry.Option {
	opts := []sentry.Option{
		sentry.WithTags(map[string]string{"death": kind}),
		sentry.WithLogger(logger()),
	}
	if dir := os.Getenv("FATAL_SPOOL"); dir != "" {
		opts = append(opts, sentry.WithSpool(dir))
		if os.Getenv("FATAL_EVENTS") != "" {
			opts = append(opts, sentry.WithSpooledEvents())
		}
	}
	if release := os.Getenv("FATAL_RELEASE"); release != "" {
		opts = append(opts, sentry.WithRelease(release))
	}
	stdout, err := os.Stdout.Stat()
	must(err)
	if unwanted := os.Getenv("FATAL_BEFORE") == "null" && stdout.Mode()&os.ModeDevice != 0; os.Getenv("FATAL_MONITOR") != "" && !unwanted {
		opts = append(opts, sentry.WithCrashMonitor())
	}
	if os.Getenv("FATAL_SUPERVISOR") != "" {
		opts = append(opts, sentry.WithSupervisor())
	}
	if os.Getenv("FATAL_WITHOUT_MESSAGES") != "" {
		opts = append(opts, sentry.WithoutMessages())
	}
	if os.Getenv("FATAL_OWN_WORDS") != "" {
		opts = append(opts, sentry.WithOwnWords())
	}
	if os.Getenv("FATAL_RATE_LIMIT") != "" {
		opts = append(opts, sentry.WithRateLimit(1, time.Hour))
	}
	if os.Getenv("FATAL_NO_CONSENT") != "" {
		opts = append(opts, sentry.WithConsent(func() bool { return false }))
	}
	if wait, err := time.ParseDuration(os.Getenv("FATAL_FLUSH_TIMEOUT")); err == nil {
		opts = append(opts, sentry.WithFlushTimeout(wait))
	}
	return opts
}

var (
	nilPointer *int
	numbers    []int
	counts         = map[string]int{}
	anything   any = "text"
)

// elsewhere runs f in a goroutine that nobody guards.
func elsewhere(f func()) {
	go f()
	select {}
}

var deaths = map[string]func(){
	"none":     func() {},
	"exit":     func() { os.Exit(3) },
	"sigterm":  func() { kill(syscall.SIGTERM) },
	"sigkill":  func() { kill(syscall.SIGKILL) },
	"sigquit":  func() { kill(syscall.SIGQUIT) },
	"sigabrt":  func() { kill(syscall.SIGABRT) },
	"panic":    func() { panic("boom") },
	"runtime":  func() { _ = numbers[5] },
	"nil":      func() { *nilPointer = 1 },
	"error":    func() { panic(errors.New("an error")) },
	"foreign":  func() { elsewhere(func() { panic("in a foreign goroutine") }) },
	"timer":    func() { time.AfterFunc(0, inTimer); select {} },
	"secret":   func() { panic("login failed: password=hunter2 for bob@example.com") },
	"decoy":    func() { panic(decoy) },
	"map":      concurrentMap,
	"unlock":   func() { var mu sync.Mutex; mu.Unlock() },
	"overflow": func() { debug.SetMaxStack(1 << 20); fmt.Println(recursion(0)) },
	"memory":   outOfMemory,
	"deadlock": func() { <-make(chan int) },
	"address":  func() { *(*int)(badAddress()) = 1 },
	"again":    again,
	"late":     late,
	"second":   func() { defer func() { panic("second") }(); panic("first") },
	"survived": survived,
	"crowd":    crowd,
	"throng":   throng,
	"variety":  variety,
	"labels":   labels,
	"parent":   parent,
	"heir":     heir,
	"upgrade":  upgrade,
	"deep":     deep,
	"abyss":    abyss,
	"forged":   forged,
	"signals":  signals,
	"orphan":   orphan,
	"typed":    typed,
	"listen":   listen,
	"ledger":   ledger,
	"chatter":  chatter,
	"both":     both,
}

// ledger dies with data of the person who runs it.
func ledger() {
	name := os.Getenv("FATAL_DATA")
	sentry.SetTag("ledger", name)
	sentry.SetTag("kind", "of a test")
	elsewhere(func() { panic(fmt.Errorf("open the ledger of %s: %w", name, fs.ErrPermission)) })
}

func inTimer() { panic("in a timer") }

func kill(sig syscall.Signal) {
	must(syscall.Kill(os.Getpid(), sig))
	// Not select {}: where the runtime sees a deadlock while it dies of a signal,
	// go1.26.8 waits for itself for good.
	time.Sleep(time.Hour)
}

// concurrentMap lets several goroutines write to keys that the map has. If they
// inserted keys, the runtime might find the damage before its cause, and say "small
// map with no empty slot (concurrent map writes?)", or fault while the map grows;
// see internal/runtime/maps. With eight keys, a map grows at a write to any key. The
// scheduler does not interrupt a write, so there are at least two threads.
func concurrentMap() {
	for i := range 100 {
		counts[strconv.Itoa(i)] = 0
	}
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0)))
	for i := range 8 {
		go func() {
			for {
				counts[strconv.Itoa(i)]++
			}
		}()
	}
	select {}
}

//go:noinline
func recursion(n int) int {
	return recursion(n+1) + 1
}

func outOfMemory() {
	limit := syscall.Rlimit{Cur: 2 << 30, Max: 2 << 30}
	must(syscall.Setrlimit(syscall.RLIMIT_AS, &limit))
	var hoard [][]byte
	for {
		hoard = append(hoard, make([]byte, 256<<20))
		runtime.KeepAlive(hoard)
	}
}

// badAddress is one that is not mapped and not near nil.
func badAddress() unsafe.Pointer {
	address := uintptr(0xdead0000)
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// again is recovered by a helper that knows nothing of reporting.
func again() {
	defer func() {
		if value := recover(); value != nil {
			panic(value)
		}
	}()
	panic("again")
}

// late reports, survives, and dies of something else in the same goroutine.
func late() {
	func() {
		defer func() { _ = recover() }()
		defer sentry.Recover()
		panic("survived")
	}()
	var mu sync.Mutex
	mu.Unlock()
}

func survived() {
	defer func() { _ = recover() }()
	defer sentry.Recover()
	panic("survived")
}

// signals says which ones arrive, up to SIGTERM.
func signals() {
	arrived := make(chan os.Signal, 8)
	signal.Notify(arrived, syscall.SIGTERM, syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH)
	fmt.Println("up")
	for s := range arrived {
		fmt.Println(s)
		if s == syscall.SIGTERM {
			return
		}
	}
}

// orphan leaves a process without a parent, and returns when that is reaped.
func orphan() {
	out, err := exec.Command("sh", "-c", "sleep 0.01 >/dev/null & echo $!").Output()
	must(err)
	place := "/proc/" + strings.TrimSpace(string(out))
	for {
		if _, err := os.Stat(place); err != nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// typed counts what comes from a terminal, up to the line "end".
func typed() {
	arrived := make(chan os.Signal, 8)
	signal.Notify(arrived, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGWINCH)
	lines := make(chan string)
	go func() {
		for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	fmt.Println("up")
	count := map[os.Signal]int{}
	for {
		select {
		case s := <-arrived:
			count[s]++
			fmt.Println("\n" + s.String()) // after what the terminal shows of the key
		case line := <-lines:
			if line == "end" {
				fmt.Println(count[syscall.SIGINT], "interrupts,", count[syscall.SIGQUIT], "quits,", count[syscall.SIGWINCH], "changes")
				return
			}
			fmt.Println("line:", line)
		}
	}
}

// listen looks for what systemd hands over.
func listen() {
	if os.Getenv("LISTEN_PID") != strconv.Itoa(os.Getpid()) {
		panic("LISTEN_PID is " + os.Getenv("LISTEN_PID"))
	}
	_, err := os.NewFile(3, "handed over").WriteString("here\n")
	must(err)
}

// chatter writes what is no text.
func chatter() {
	for range 100_000 {
		_, err := os.Stderr.WriteString("\x00\xff no line ")
		must(err)
	}
}

// both writes to one stream and to the other.
func both() {
	for range 1000 {
		fmt.Fprintln(os.Stdout, "out")
		fmt.Fprintln(os.Stderr, "err")
	}
}

// deep survives, and dies at the same place as far as the inner frames tell.
func deep() {
	func() {
		defer func() { _ = recover() }()
		defer sentry.Recover()
		down(60)
	}()
	down(60)
}

// abyss is so deep that the runtime leaves out the middle.
func abyss() { down(200) }

//go:noinline
func down(n int) int {
	if n == 0 {
		panic("deep down")
	}
	return down(n-1) + 1
}

// parent has a child, which dies with its group.
func parent() {
	must(exec.Command("sleep", "60").Start())
	fmt.Println("up")
	time.Sleep(time.Minute)
}

// heir leaves a process behind that has its standard error and uses it.
func heir() {
	child := exec.Command("sh", "-c", "for i in $(seq 100); do echo x >&2; sleep 0.1; done")
	child.Stderr = os.Stderr
	must(child.Start())
}

// upgrade takes its own place some times, as for a new version.
func upgrade() {
	n, _ := strconv.Atoi(os.Getenv("FATAL_UPGRADES"))
	if n <= 0 {
		fmt.Println("up")
		_, _ = io.Copy(io.Discard, os.Stdin) // until the test has seen enough
		return
	}
	must(os.Setenv("FATAL_UPGRADES", strconv.Itoa(n-1)))
	must(syscall.Exec(executable(), os.Args, os.Environ()))
}

// forged writes what looks like the runtime's words, and leaves a line open.
func forged() {
	fmt.Fprintln(os.Stderr, "fatal error: bob typed hunter2")
	fmt.Fprint(os.Stderr, "50 %... ")
	concurrentMap()
}

// wait says that it is up, and waits for the name of a death.
func wait() (kind string) {
	fmt.Println("up")
	if _, err := fmt.Scanln(&kind); err != nil {
		return "none"
	}
	return kind
}

var decoy = strings.Join([]string{
	"decoy",
	"fatal error: forged",
	"goroutine 1 [running]:",
	"main.forged(0x1)",
	"\t/home/bob/forged.go:1 +0x1",
	"",
	"goroutine 99 [running]:",
	"main.forgedToo()",
	"\t/home/bob/forged.go:2 +0x1",
}, "\n")
