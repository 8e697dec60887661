// Package monitor lets a second process watch over the first: the same
// executable, started again with a variable in its environment, which reads
// from a pipe what the first one's runtime writes as it dies.
//
// The process that is watched over calls [Start], then [Watch.TakeCrashOutput]
// unless it keeps the crash output elsewhere, and [Watch.Tell] with what the
// other has to know. The other finds its [OwnRole], calls [Settle], and reads
// from [Open]; the end of the pipe is the end of the first.
//
// It costs the first process one file descriptor and no goroutine: one that
// waits for a child would hide from the runtime that all others are asleep. So
// the process that is started starts the monitor in turn, and ends at once.
package monitor

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// ErrUnsupported says that there can be no monitor.
var ErrUnsupported = errors.New("this program can not start itself again")

// supported looks at how the program was built: the executable of a library is
// that of its host.
func supported() error {
	switch runtime.GOOS {
	case "android", "ios", "js", "wasip1", "plan9":
		return fmt.Errorf("%w: %s", ErrUnsupported, runtime.GOOS)
	}
	if isPrivileged() {
		// It obeys no variable, so it would be the program once more.
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

// A Watch is the near end of the pipe to a monitor.
type Watch struct {
	pipe *os.File
	is   os.FileInfo // the pipe
	key  string

	mu     sync.Mutex
	broken error // why nothing is written any more
}

// Start starts a monitor, and does not wait until it is up: the pipe keeps what
// is written until then. It calls failed, in another goroutine, if the monitor
// could not be started after all.
func Start(failed func(error)) (*Watch, error) {
	if err := supported(); err != nil {
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	defer r.Close()
	cmd, err := command(first, r)
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		w.Close()
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	go func() {
		defer contain.Panic()
		if err := await(cmd); err != nil {
			failed(fmt.Errorf("start crash monitor: %w", err))
		}
	}()
	watch, err := newWatch(w)
	if err != nil {
		return nil, fmt.Errorf("start crash monitor: %w", err)
	}
	return watch, nil
}

// newWatch writes the beginning of what Open reads.
func newWatch(pipe *os.File) (*Watch, error) {
	var key [16]byte
	_, _ = rand.Read(key[:]) // never fails: crypto/rand
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

// again is this program once more, with the same arguments, so that it comes to
// its Init in the same way.
func again(exe string) *exec.Cmd {
	cmd := exec.Command(executable(exe))
	if len(args) > 0 {
		cmd.Args = args
	}
	return cmd
}

// command is one that has nothing of its parent's but the pipe.
func command(role Role, stdin *os.File) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(filepath.Base(exe), "ld") && strings.Contains(exe, ".so") {
		return nil, fmt.Errorf("%w: it was started by the dynamic loader", ErrUnsupported)
	}
	text, err := mark(role, 0, stdin, exe)
	if err != nil {
		return nil, err // without its mark, it would be the program once more
	}
	cmd := again(exe)
	cmd.Env = append(environment(), text)
	cmd.Stdin = stdin
	cmd.SysProcAttr = detached()
	return cmd, nil
}

// environment is that of this process with a small size of its memory: a monitor
// with the heap goal of a server would be as large (golang/go issue 73490), and
// each processor costs it a thread and a cache.
func environment() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if name != "GOGC" && name != "GOMEMLIMIT" && name != "GOMAXPROCS" {
			env = append(env, v)
		}
	}
	return append(env, "GOMAXPROCS=1")
}

// launched is the exit status of a launcher that has started the monitor: no other
// end of the program has it.
const launched = 73

// Launch starts the monitor in a process that has the role of the launcher,
// which ends with it.
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

// TakeCrashOutput lets the runtime write to the pipe as the process dies.
func (w *Watch) TakeCrashOutput() error {
	if err := debug.SetCrashOutput(w.pipe, debug.CrashOptions{}); err != nil {
		return err
	}
	takeCrashOutput(w.pipe)
	return nil
}

// Close closes the pipe, but not the runtime's copy: it lets the monitor end, once the runtime has no copy of the pipe.
func (w *Watch) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken == nil {
		w.broken = os.ErrClosed
	}
	w.pipe.Close()
}

const (
	// maxFrame bytes are written to a pipe as one, whoever writes at the same
	// time: PIPE_BUF is 512 on macOS, and more elsewhere.
	maxFrame = 512

	// lengthDigits are those of the length of a frame's data, in hexadecimal.
	lengthDigits = 4

	// maxState bounds what a monitor keeps of a state.
	maxState = 256 << 10

	// tellWait bounds the time for which a monitor that was stopped can hold
	// the program.
	tellWait = time.Second
)

// Tell hands a state to the monitor, in place of the one before. It can be
// called while the process dies: the frames are told apart from the runtime's
// text by the key, which no text has.
//
//	\x00 key length data
//
// A state is the data of several frames, up to an empty one.
func (w *Watch) Tell(state []byte) error {
	if len(state) > maxState {
		return fmt.Errorf("tell crash monitor: %d bytes, more than %d", len(state), maxState)
	}
	var frames [][]byte
	for {
		n := min(len(state), maxFrame-1-len(w.key)-lengthDigits)
		frames = append(frames, fmt.Appendf(nil, "\x00%s%0*x%s", w.key, lengthDigits, n, state[:n]))
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

var (
	errStopped = errors.New("it does not read")
	errStolen  = errors.New("its pipe was closed by the program")
)

// write writes in a goroutine of its own: the runtime's use of the pipe makes it
// one without deadlines.
func (w *Watch) write(frames ...[]byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	if now, err := w.pipe.Stat(); err != nil || !os.SameFile(now, w.is) {
		w.broken = errStolen // the number may be that of a file by now
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

// writeAll waits for room where the pipe does not.
func writeAll(pipe *os.File, frames [][]byte) error {
	for _, frame := range frames {
		for begin := time.Now(); ; time.Sleep(time.Millisecond) {
			_, err := pipe.Write(frame)
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.EAGAIN) || time.Since(begin) > tellWait {
				return err
			}
		}
	}
	return nil
}
