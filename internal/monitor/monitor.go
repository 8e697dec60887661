// Package monitor starts a second process that sees how the program dies. The
// second process, the monitor, is the same executable, started again with an
// environment variable that tells it its role. It reads from a pipe the crash
// output that the Go runtime writes when the program dies.
//
// The program calls [Start]. It then calls [Watch.TakeCrashOutput], unless its
// crash output goes to a file, and [Watch.Tell] with the state that the monitor
// needs for a report. The monitor finds its role with [OwnRole], calls [Settle],
// and reads from [Open] until the end of the pipe, which is the end of the
// program.
//
// With [Supervise], the roles are turned round: the first process watches, and
// the program runs as its child and calls [Attach]. PID 1 of a container needs
// this, because the kernel kills all other processes when PID 1 dies.
//
// Package monitor does not parse the crash output and does not report it. Its
// caller does both.
//
// A monitor costs the program one file descriptor and no goroutine. A goroutine
// that waits for a child would hide a deadlock, because the runtime reports one
// only if all goroutines are asleep. This is why the program does not start the
// monitor itself: it starts a launcher, which starts the monitor and ends at
// once.
package monitor

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// ErrUnsupported means that this program can have no monitor, because of its
// platform or of the way it was built or started.
var ErrUnsupported = errors.New("this program can not start itself again")

// supported returns an error if this program cannot start itself again. The
// executable of Go code that was built as a library is that of the program which
// has loaded it, and not ours to start.
func supported() error {
	switch runtime.GOOS {
	case "android", "ios", "js", "wasip1", "plan9":
		return fmt.Errorf("%w: %s", ErrUnsupported, runtime.GOOS)
	}
	if isPrivileged() {
		// A privileged process ignores our variable, so the second process would
		// run the whole program again.
		return fmt.Errorf("%w: it runs with the rights of its file (setuid, setgid)", ErrUnsupported)
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, s := range info.Settings {
		if s.Key == "-buildmode" {
			switch s.Value {
			case "c-shared", "c-archive", "shared", "plugin":
				return fmt.Errorf("%w: it is built as %s", ErrUnsupported, s.Value)
			}
		}
	}
	return nil
}

// A Watch is the program's end of the pipe to its monitor.
type Watch struct {
	pipe *os.File
	is   os.FileInfo // identifies the pipe
	key  string      // marks the frames of Tell

	launcher *os.Process   // nil if there was none
	reaped   chan struct{} // closed when this process has waited for it

	mu     sync.Mutex
	broken error // the reason why nothing is written any more
}

// Start starts a monitor. It does not wait until the monitor is ready: the pipe
// keeps what is written until then. If the monitor cannot be started after all,
// Start calls failed in another goroutine.
func Start(failed func(error)) (*Watch, error) {
	if err := supported(); err != nil {
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	defer r.Close()
	cmd, err := command(firstRole, r)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	watch, watchErr := newWatch(w)
	reaped := make(chan struct{})
	go func() {
		defer close(reaped)
		defer contain.Panic()
		if err := await(cmd); err != nil && watchErr == nil && !watch.isClosed() {
			failed(fmt.Errorf("start crash monitor: %w", withAdvice(err)))
		}
	}()
	if watchErr != nil {
		return nil, fmt.Errorf("start crash monitor: %w", watchErr)
	}
	if firstRole == Launcher {
		watch.launcher, watch.reaped = cmd.Process, reaped
	}
	return watch, nil
}

// withAdvice tells why a second process ends, nearly always: what stands before Init can
// be done by one process only, or leads elsewhere there.
func withAdvice(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("%w of the second process, which runs all that stands before Init, too: call Init first in main", err)
	}
	return err
}

// newWatch returns a Watch on a pipe, and writes the key with which the text for
// Open begins.
func newWatch(pipe *os.File) (*Watch, error) {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails, see crypto/rand
	is, err := pipe.Stat()
	if err != nil {
		pipe.Close()
		return nil, err
	}
	w := &Watch{pipe: pipe, is: is, key: hex.EncodeToString(key[:])}
	if err := w.write([]byte(w.key + "\n")); err != nil {
		pipe.Close()
		return nil, err
	}
	return w, nil
}

// again returns a command that starts this program again. The arguments are the
// same, so that the new process reaches Init in the same way.
func again(exe string) *exec.Cmd {
	cmd := exec.Command(executable(exe))
	if len(args) > 0 {
		cmd.Args = args
	}
	return cmd
}

// command returns the command that starts a launcher or monitor. The new process
// gets the pipe as its standard input, and no other open file of this process.
func command(role Role, stdin *os.File) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if dynamicLoader().MatchString(filepath.Base(exe)) {
		return nil, fmt.Errorf("%w: it was started by the dynamic loader", ErrUnsupported)
	}
	text, err := mark(role, 0, stdin, exe)
	if err != nil {
		return nil, err // without the mark, it would run the whole program again
	}
	cmd := again(exe)
	cmd.Env = append(environment(), text)
	cmd.Stdin = stdin
	cmd.SysProcAttr = detached()
	return cmd, nil
}

// gcPercent keeps the heap of a monitor small. A monitor has so little to do that
// the additional collections cost nothing. The first is at 1.6 MB, which most programs
// do not need before Init.
const gcPercent = 40

// environment returns the environment of this process, with settings that keep
// the memory of a monitor small. With the GOGC and GOMEMLIMIT of a server, the
// monitor could become as large as the server (golang/go issue 73490). Each
// processor costs a thread and a cache, so the monitor has only one.
func environment() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != "GOGC" && name != "GOMEMLIMIT" && name != "GOMAXPROCS" {
			env = append(env, v)
		}
	}
	return append(env, "GOMAXPROCS=1", fmt.Sprint("GOGC=", gcPercent))
}

// dynamicLoader matches the names under which systems have it: ld-linux-x86-64.so.2,
// ld-musl-x86_64.so.1, ld64.so.2, ld-2.31.so.
var dynamicLoader = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^ld(64)?(-.*)?\.so(\.[0-9]+)*$`)
})

// launched is the exit status of a launcher that has started the monitor. It
// differs from 0 and from the usual errors: code that runs before Init can also
// end the launcher.
const launched = 73

// Launch starts the monitor and ends this process, whose role is [Launcher].
func Launch() {
	cmd, err := command(Monitor, own.pipe())
	keepNothing()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		os.Exit(1)
	}
	os.Exit(launched)
}

// TakeCrashOutput makes the runtime write its crash output to the pipe.
func (w *Watch) TakeCrashOutput() error {
	if err := debug.SetCrashOutput(w.pipe, debug.CrashOptions{}); err != nil {
		return err
	}
	takeCrashOutput(w.pipe)
	return nil
}

// Close closes the pipe, but not the copy that the runtime has of it since
// TakeCrashOutput. The monitor ends when that is closed too. A launcher that has not
// come to its end is ended: a program that becomes another one by syscall.Exec would
// leave it as a zombie.
func (w *Watch) Close() {
	w.close()
	if w.launcher == nil {
		return
	}
	_ = w.launcher.Kill()
	timer := time.NewTimer(reapWait)
	defer timer.Stop()
	select {
	case <-w.reaped:
	case <-timer.C: // it is stopped, or the disk of its executable hangs
	}
}

// reapWait is how long Close waits for the end of a launcher that it has killed.
const reapWait = time.Second

func (w *Watch) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.broken = os.ErrClosed
	}
	w.pipe.Close()
}

func (w *Watch) isClosed() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Is(w.broken, os.ErrClosed)
}

const (
	// maxFrame is the size limit of a frame in bytes. A write of this size to a
	// pipe is never mixed with other writes: PIPE_BUF is 512 on macOS, and more
	// elsewhere.
	maxFrame = 512

	// kindState and kindNote follow the key of a frame, and say what its data is.
	kindState = 's'
	kindNote  = 'n'

	// lengthDigits is the number of hexadecimal digits in which a frame tells the
	// length of its data, and numberDigits that of the number of a note.
	lengthDigits = 4
	numberDigits = 8

	// maxNote is the size limit of a note in bytes, and maxNotes how many the monitor
	// keeps.
	maxNote  = 256
	maxNotes = 1 << 14

	// maxState is the size limit of a state in bytes: the monitor keeps it in
	// memory.
	maxState = 256 << 10

	// tellWait is how long a monitor that does not read, because somebody has
	// stopped it, can block the program.
	tellWait = time.Second
)

// Tell sends a state to the monitor, which keeps only the last one. Tell may be
// called while the process dies: the monitor tells frames from the runtime's
// text by the key, which is random.
//
//	\x00 key kind length data
//
// A state is the data of several frames. An empty frame ends it.
func (w *Watch) Tell(state []byte) error {
	if len(state) > maxState {
		return fmt.Errorf("tell crash monitor: %d bytes, more than %d", len(state), maxState)
	}
	var frames [][]byte
	for {
		n := min(len(state), maxFrame-len(w.frame(kindState, nil)))
		frames = append(frames, w.frame(kindState, state[:n]))
		if n == 0 {
			break
		}
		state = state[n:]
	}
	if err := w.write(frames...); err != nil {
		return fmt.Errorf("tell crash monitor: %w", err)
	}
	return nil
}

// Note sends a short text to the monitor, which keeps the last one for each number.
// Like Tell, it may be called while the process dies.
func (w *Watch) Note(number int, text []byte) error {
	if number < 0 || number >= maxNotes || len(text) > maxNote {
		return fmt.Errorf("tell crash monitor: note %d of %d bytes is out of bounds", number, len(text))
	}
	if err := w.write(w.frame(kindNote, fmt.Appendf(nil, "%0*x%s", numberDigits, number, text))); err != nil {
		return fmt.Errorf("tell crash monitor: %w", err)
	}
	return nil
}

func (w *Watch) frame(kind byte, data []byte) []byte {
	return fmt.Appendf(nil, "\x00%s%c%0*x%s", w.key, kind, lengthDigits, len(data), data)
}

var (
	errStopped = errors.New("it does not read")
	errStolen  = errors.New("its pipe was closed by the program")
)

// write writes in a goroutine of its own, which it can leave behind after
// tellWait. It is tempting to set a write deadline, but the pipe has none after
// debug.SetCrashOutput, which calls its Fd method.
func (w *Watch) write(frames ...[]byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	if now, err := w.pipe.Stat(); err != nil || !os.SameFile(now, w.is) {
		w.broken = errStolen // the descriptor may belong to another file by now
		return w.broken
	}
	done := make(chan error, 1)
	go func() {
		defer contain.Panic()
		done <- writeAll(w.pipe, frames)
	}()
	timer := time.NewTimer(tellWait)
	defer timer.Stop()
	select {
	case w.broken = <-done:
	case <-timer.C:
		w.broken = errStopped
	}
	return w.broken
}

// writeAll writes frames. If takeCrashOutput has made the pipe non-blocking, a
// write to a full pipe fails with EAGAIN, and writeAll tries it again.
func writeAll(pipe *os.File, frames [][]byte) error {
	for _, frame := range frames {
		for begin := time.Now(); ; time.Sleep(time.Millisecond) {
			_, err := pipe.Write(frame)
			if err == nil {
				break
			}
			if !isAgain(err) || time.Since(begin) > tellWait {
				return err
			}
		}
	}
	return nil
}
