package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	sentrygo "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
)

// init leaves the program a few threads, as a user who has no other process.
func init() {
	threads, err := strconv.Atoi(os.Getenv("FATAL_THREADS"))
	if err != nil {
		return
	}
	const limitOfProcesses = 6
	limit := uint64(threads)
	must(syscall.Setrlimit(limitOfProcesses, &syscall.Rlimit{Cur: limit, Max: limit}))
	must(syscall.Setgid(lonely))
	must(syscall.Setuid(lonely))
}

const lonely = 54321

// What a program may do to itself behind Init. Each dies of the panic "boom".
func init() {
	for kind, change := range map[string]func(){
		"setuid":     setuid,
		"chroot":     func() { chroot(); must(os.Chdir("/")) },
		"nofile":     noFiles,
		"secondinit": secondInit,
		"crowded":    func() {}, // see crowded
		"liar":       func() {},
	} {
		deaths[kind] = func() { change(); panic("boom") }
	}
	deaths["crowded"] = crowded
	deaths["liar"] = func() { panic(liar{}) }
	deaths["sametext"] = sameText
	deaths["removed"] = func() { must(os.RemoveAll(os.Getenv("FATAL_SPOOL"))); elsewhere(func() { panic("boom") }) }
	deaths["removedearly"] = removedEarly
	deaths["roomlater"] = roomLater
	deaths["chrooted"] = chrooted
	deaths["execs"] = execs
	deaths["captures"] = captures
	deaths["burst"] = burst
}

const nobody = 65534

func setuid() {
	must(syscall.Setgid(nobody))
	must(syscall.Setuid(nobody))
}

func chroot() {
	dir, err := os.MkdirTemp("", "root-")
	must(err)
	must(syscall.Chroot(dir))
}

// noFiles leaves no descriptor.
func noFiles() {
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 20, Max: 20}))
	for {
		if _, err := syscall.Open(os.DevNull, syscall.O_RDONLY, 0); err != nil {
			return
		}
	}
}

// secondInit is done by another goroutine while the guard waits.
func secondInit() {
	go func() {
		time.Sleep(50 * time.Millisecond)
		begin(append(options(), sentry.WithDSN(os.Getenv("SENTRY_TEST_DSN")))...)
	}()
}

// crowded lets many other panics be recovered while its own unwinds.
func crowded() {
	n, err := strconv.Atoi(os.Getenv("FATAL_OTHERS"))
	must(err)
	var wg sync.WaitGroup
	defer func() {
		for i := range n {
			wg.Add(1)
			go func() {
				defer wg.Done()
				defer func() { _ = recover() }()
				defer sentry.Recover()
				panic(fmt.Sprint("other ", i))
			}()
			if i%100 == 99 {
				wg.Wait()
			}
		}
		wg.Wait()
	}()
	defer guard()()
	panic("boom")
}

// guard is the inner one: the outer one is that of main.
func guard() func() {
	if os.Getenv("FATAL_GUARDED") == "helper" {
		return logOnPanic
	}
	return sentry.Recover
}

// A liar panics when the runtime asks it what it is.
type liar struct{}

func (liar) Error() string { panic("a lie") }

// sameText has recovered a panic of the text of which it dies.
func sameText() {
	func() {
		defer func() { _ = recover() }()
		defer sentry.Recover()
		panic("boom")
	}()
	elsewhere(func() { panic("boom") })
}

// removedEarly has time to see that its directory is gone.
func removedEarly() {
	must(os.RemoveAll(os.Getenv("FATAL_SPOOL")))
	func() {
		defer func() { _ = recover() }()
		defer sentry.Recover()
		panic("survived")
	}()
	elsewhere(func() { panic("boom") })
}

// roomLater lives until a garbage collection has found room for its crash text, and for
// its last moments, which come after that.
func roomLater() {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		runtime.GC()
		if files, _ := filepath.Glob(filepath.Join(os.Getenv("FATAL_SPOOL"), "*.last")); len(files) > 0 {
			break
		}
	}
	elsewhere(func() { panic("boom") })
}

// chrooted lives on, and dies when it is told to.
func chrooted() {
	chroot()
	sentry.SetTag("stage", "chrooted")
	fmt.Println("chrooted")
	_, _ = fmt.Scanln(new(string))
	elsewhere(func() { panic("boom") })
}

// execs becomes another program at once.
func execs() {
	must(sentry.Close())
	must(syscall.Exec("/bin/sleep", []string{"sleep", "2"}, os.Environ()))
}

// captures an error that is no panic in its last moment.
func captures() {
	sentrygo.CaptureException(errors.New("captured"))
	os.Exit(3)
}

// burst panics many times, from many goroutines, and lives on. It prints what it
// needed at its peak.
func burst() {
	total, err := strconv.Atoi(os.Getenv("FATAL_PANICS"))
	must(err)
	goroutines, err := strconv.Atoi(os.Getenv("FATAL_GOROUTINES"))
	must(err)
	done := make(chan struct{})
	peaks := make(chan string)
	go func() {
		files, threads := 0, 0
		for {
			select {
			case <-done:
				peaks <- fmt.Sprintf("files %d\nthreads %d\nmemory %d", files, threads, peakMemory())
				return
			case <-time.After(5 * time.Millisecond):
				files, threads = max(files, count("/proc/self/fd")), max(threads, count("/proc/self/task"))
			}
		}
	}()
	var wg sync.WaitGroup
	begin := time.Now()
	for g := range goroutines {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n := g; n < total; n += goroutines {
				func() {
					defer func() { _ = recover() }()
					defer sentry.Recover()
					panic(fmt.Sprint("panic ", n))
				}()
			}
		}()
	}
	wg.Wait()
	fmt.Printf("panicked %d\n", time.Since(begin).Milliseconds())
	if !sentry.Flush(10 * time.Minute) {
		fmt.Println("not flushed")
	}
	fmt.Printf("flushed %d\n", time.Since(begin).Milliseconds())
	close(done)
	fmt.Println(<-peaks)
}

func count(dir string) int {
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	return len(names)
}

// peakMemory is in KiB.
func peakMemory() (peak int) {
	text, err := os.ReadFile("/proc/self/status")
	must(err)
	_, text, _ = bytes.Cut(text, []byte("VmHWM:"))
	_, err = fmt.Sscan(string(text), &peak)
	must(err)
	return peak
}
