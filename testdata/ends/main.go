// Command ends ends without a crash text, in the way that its argument names. It is
// linked to read the files of the kernel below tree in its working directory.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
	"unsafe"

	sentrygo "github.com/getsentry/sentry-go"
	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry"
)

func main() {
	debug.SetMemoryLimit(256 << 20)
	maps.Copy(ends, inC)
	begin := time.Now()
	if err := sentry.Init(options()...); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(65)
	}
	if os.Args[1] == "well" {
		fmt.Println("init", time.Since(begin).Milliseconds())
		fmt.Println("crashed", sentry.CrashedLastRun())
	}
	how, arg, _ := strings.Cut(os.Args[1], ":")
	end, ok := ends[how]
	if !ok {
		fmt.Fprintln(os.Stderr, "unknown end:", how)
		os.Exit(64)
	}
	end(arg)
}

// options are those of the environment: the parent test chooses.
func options() (opts []sentry.Option) {
	opts = append(opts, sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")), sentry.WithContext("ends", os.Getenv("ENDS_VERSION")),
		sentry.WithTags(map[string]string{"end": "some"}))
	for name, opt := range map[string]sentry.Option{
		"ENDS_MONITOR": sentry.WithCrashMonitor(), "ENDS_SUPERVISOR": sentry.WithSupervisor(),
		"ENDS_EXITS": sentry.WithExitReports(), "ENDS_WITHOUT_MESSAGES": sentry.WithoutMessages(),
		"ENDS_HEALTH": sentry.WithReleaseHealth(),
	} {
		if os.Getenv(name) != "" {
			opts = append(opts, opt)
		}
	}
	if os.Getenv("ENDS_NO_CONSENT") != "" {
		opts = append(opts, sentry.WithConsent(func() bool { return false }))
	}
	if name := os.Getenv("SENTRY_TEST_LOG"); name != "" {
		file, err := os.OpenFile(name, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		must(err)
		opts = append(opts, sentry.WithLogger(slog.New(slog.NewTextHandler(file, nil)).With("pid", os.Getpid(), "end", os.Args[1])))
	}
	if dir := os.Getenv("ENDS_SPOOL"); dir != "" {
		opts = append(opts, sentry.WithSpool(dir))
	}
	return opts
}

// ends are all that there are; inC is empty without cgo.
var ends, inC map[string]func(arg string)

func init() { ends = allEnds() }

func allEnds() map[string]func(arg string) {
	return map[string]func(arg string){
		// well is the end that a program should have.
		"well": func(string) { must(sentry.Close()) },
		// delivered waits until everything has arrived.
		"delivered": func(string) {
			fmt.Println("crashed", sentry.CrashedLastRun())
			if !sentry.Flush(time.Minute) {
				os.Exit(97)
			}
			must(sentry.Close())
		},
		// exit is os.Exit with the status arg.
		"exit": func(status string) { os.Exit(number(status)) },
		// closed says that it ends well, and exits then.
		"closed": func(status string) { must(sentry.Close()); os.Exit(number(status)) },
		// return comes to the end of main.
		"return": func(string) {},
		"fatal": func(string) {
			for n := range 30 {
				fmt.Fprintln(os.Stderr, "starting, step", n)
			}
			log.SetFlags(0)
			log.Fatal("open database: password=hunter2: connection refused")
		},
		// signal is sent by the program to itself, which does not handle it.
		"signal": func(sig string) { kill(syscall.Signal(number(sig))) },
		// default ends by a signal of which the handler is gone, as in C code.
		"default": func(sig string) { takeDefault(syscall.Signal(number(sig))); kill(syscall.Signal(number(sig))) },
		// memory is what the kernel does: it counts, and kills.
		"memory": func(string) { count("memory.events", "oom_kill", 1); kill(syscall.SIGKILL) },
		// hog takes more and more memory, up to 256 MiB.
		"hog": func(string) { take(256); fmt.Fprintln(os.Stderr, "nobody minds"); os.Exit(96) },
		// full takes most of 64 MiB, and ends as arg says.
		"full": func(how string) { all := take(40); endAs(how); runtime.KeepAlive(all) },
		// child-hog lets a child take it, and exits.
		"child-hog": func(string) {
			child := exec.Command(os.Args[0], "hog")
			child.Env = append(os.Environ(), "SENTRY_TEST_DSN=")
			if err := child.Run(); err == nil || err.Error() != "signal: killed" {
				os.Exit(96)
			}
			os.Exit(7)
		},
		// looked lives until the library has looked at the kernel's counters again, and
		// ends as arg says.
		"looked": func(how string) {
			for began := time.Now(); time.Since(began) < 11*time.Second; {
				runtime.GC()
			}
			endAs(how)
		},
		// child is memory for another process of the group, which this one outlives.
		"child": func(string) { count("memory.events", "oom_kill", 1); kill(syscall.SIGTERM) },
		"cpu":   spend,
		"panic": func(string) { panic("boom") },
		// recovered is a panic that a guard reports, and somebody recovers.
		"recovered": func(string) { recovered("recovered above"); must(sentry.Close()) },
		// burst reports panic after panic, and says when each is on the disk.
		"burst": func(string) {
			for n := range 25 {
				recovered(fmt.Sprint("guarded ", n+1))
				fmt.Println("stored", n+1)
			}
			_, _ = io.Copy(io.Discard, os.Stdin)
		},
		"seccomp": filtered,
		// pipe writes to a standard output that nobody reads.
		"pipe": func(string) {
			var ends [2]int
			must(syscall.Pipe(ends[:]))
			must(syscall.Close(ends[0]))
			must(unix.Dup2(ends[1], 1))
			fmt.Println("hello?")
		},
		// wait waits for another end from the parent.
		"wait": func(string) {
			fmt.Println("up")
			line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
			endAs(strings.TrimSpace(line))
		},
		// crumbs leaves breadcrumbs and a user, and dies of what no guard sees.
		"crumbs": func(how string) {
			sentrygo.ConfigureScope(func(s *sentrygo.Scope) {
				s.SetUser(sentrygo.User{ID: "user-7", Email: "bob@example.com"})
				s.SetTag("tenant", "acme")
			})
			for n := range 150 {
				sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Category: "step", Message: fmt.Sprint("step ", n, " password=hunter2")})
			}
			ends[how]("")
		},
		// crumbs-large are longer than the place that they have.
		"crumbs-large": func(string) {
			sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Message: strings.Repeat("x", 5000)})
			sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Message: strings.Repeat("ä", 5000)})
			sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Message: "with data", Data: map[string]any{"all": strings.Repeat("y", 5000)}})
			go panic("in another goroutine")
			select {}
		},
		// crumbs-locked have values that want a lock, which whoever leaves them holds.
		"crumbs-locked": func(string) {
			v := new(locked)
			v.Lock()
			own := &locked{self: v}
			sentrygo.AddBreadcrumb(&sentrygo.Breadcrumb{Message: "locked", Data: map[string]any{
				"stringer": v, "list": []any{v, 1, own}, "named": status("open"), "for": time.Second, "nothing": nil,
				"file": &os.PathError{Op: "open", Path: "x.db", Err: syscall.ENOENT}, "wrapped": fmt.Errorf("load: %w", io.EOF),
				"error": &os.PathError{Op: "open", Path: "x.db", Err: v},
			}})
			v.Unlock()
			go panic("in another goroutine")
			select {}
		},
		"goroutine": func(string) { go panic("in another goroutine"); select {} },
		"requests":  requests,
	}
}

// locked tells of itself under its lock.
type locked struct {
	sync.Mutex
	self *locked
}

func (l *locked) text() string { l.Lock(); defer l.Unlock(); return "unlocked" }

func (l *locked) String() string               { return l.text() }
func (l *locked) Error() string                { return l.text() }
func (l *locked) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(l.text())), nil }

type status string

func (s status) String() string { panic("nobody may call this") }

// endAs ends as how says: "exit:3".
func endAs(how string) {
	how, arg, _ := strings.Cut(how, ":")
	ends[how](arg)
}

// take takes so many MiB of memory.
func take(mib int) (all [][]byte) {
	for range mib {
		b := make([]byte, 1<<20)
		for i := 0; i < len(b); i += 4096 {
			b[i] = 1
		}
		all = append(all, b)
	}
	return all
}

func recovered(text string) {
	defer func() { _ = recover() }()
	defer sentry.Recover()
	panic(text)
}

// requests are what a server does.
func requests(string) {
	server := httptest.NewUnstartedServer(sentry.CountRequests(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/panic":
			panic("in a handler")
		case "/abort":
			panic(http.ErrAbortHandler)
		case "/goexit":
			runtime.Goexit()
		}
	})))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Start()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // which would try again
	for _, path := range []string{"/", "/panic", "/", "/abort", "/panic"} {
		if resp, err := client.Get(server.URL + path); err == nil {
			resp.Body.Close()
		}
	}
	server.Close()
	must(sentry.Close())
}

// count adds to a number in a file of the tree.
func count(name, key string, n int) {
	file := filepath.Join("tree", "sys/fs/cgroup", name)
	text, err := os.ReadFile(file)
	must(err)
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		if value, ok := strings.CutPrefix(line, key+" "); ok {
			lines[i] = fmt.Sprint(key, " ", number(value)+n)
		}
	}
	must(os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
}

func kill(sig syscall.Signal) {
	must(syscall.Kill(os.Getpid(), sig))
	select {}
}

// takeDefault removes the handler of the Go runtime.
func takeDefault(sig syscall.Signal) {
	signal.Reset(sig)
	var action [8]uint64
	syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&action)), 0, 8, 0, 0)
}

// spend uses up all the processor time that the test allows.
func spend(string) {
	for {
	}
}

// filtered makes a system call that a filter of seccomp(2) does not allow: it kills,
// or with the argument trap it sends SIGSYS.
func filtered(how string) {
	runtime.LockOSThread()
	type instruction struct {
		code   uint16
		jt, jf uint8
		k      uint32
	}
	const load, equal, ret, killProcess, trap, allow = 0x20, 0x15, 0x06, 0x80000000, 0x00030000, 0x7fff0000
	verdict := uint32(killProcess)
	if how == "trap" {
		verdict = trap
	}
	filter := []instruction{
		{load, 0, 0, 0}, // the number of the system call
		{equal, 0, 1, syscall.SYS_GETPRIORITY},
		{ret, 0, 0, verdict},
		{ret, 0, 0, allow},
	}
	program := struct {
		n      uint16
		filter *instruction
	}{uint16(len(filter)), &filter[0]}
	const setNoNewPrivs, setSeccomp, modeFilter = 38, 22, 2
	syscall.RawSyscall6(syscall.SYS_PRCTL, setNoNewPrivs, 1, 0, 0, 0, 0)
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, setSeccomp, modeFilter, uintptr(unsafe.Pointer(&program)), 0, 0, 0); errno != 0 {
		os.Exit(99)
	}
	syscall.RawSyscall(syscall.SYS_GETPRIORITY, 0, 0, 0)
	os.Exit(99)
}

func number(s string) int {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	must(err)
	return n
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(98)
	}
}
