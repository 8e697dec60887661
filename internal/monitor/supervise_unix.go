//go:build linux || darwin || freebsd

package monitor

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry/internal/contain"
)

// Supervise runs the program as a child of this process, and ends as it does. It
// returns only if that could not be started. read is called with what the
// program tells, in another goroutine, and end when the program is dead, with
// the text of its last "fatal error: …" if standard error was watched. Whoever
// asks this process to end then does not wait for end.
func Supervise(read func(*Output), end func(words string)) error {
	if err := supported(); err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	stderr, err := watchStderr()
	if err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	tty := openTerminal()
	cmd, err := supervised(w, tty)
	if err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	cmd.Stderr = stderr.far()
	signals, wanted := listen()
	runtime.LockOSThread() // until the end: the program dies with the thread, see dieWith
	err = cmd.Start()
	for _, f := range cmd.ExtraFiles {
		_ = f.Close() // that of a gap is nil
	}
	stderr.closeFar()
	if err != nil {
		runtime.UnlockOSThread()
		signal.Stop(signals)
		stderr.closeNear()
		r.Close()
		return fmt.Errorf("supervise: %w", err)
	}
	takeOver(signals, wanted)
	for fd := range leftOpen() {
		_ = syscall.Close(fd) // the program has it
	}
	p := &program{pid: cmd.Process.Pid, tty: tty, ownGroup: cmd.SysProcAttr.Setpgid}
	crash := newDrain(r)
	told, passed, dead := make(chan struct{}), make(chan string, 1), make(chan struct{})
	go p.forward(signals, dead)
	go func() {
		defer contain.Panic()
		defer close(told)
		if out, err := Open(crash); err == nil {
			read(out)
		}
	}()
	go func() {
		defer contain.Panic()
		defer close(passed)
		passed <- stderr.pass()
	}()
	status := p.wait()
	close(dead)
	ended := make(chan struct{})
	go func() {
		defer contain.Panic()
		defer close(ended)
		crash.finish()
		stderr.finish()
		words := stderr.await(passed)
		<-told
		end(words)
	}()
	awaitOrSignal(ended, signals)
	p.exit(status)
	return nil
}

// A program is the child of a supervisor.
type program struct {
	pid      int
	tty      *terminal
	ownGroup bool // and not that of the supervisor

	mu  sync.Mutex // of what stops and continues it
	ran time.Time  // when it was last told to go on
}

// supervised is the program, with the near end of the pipe.
func supervised(w *os.File, tty *terminal) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := again(exe)
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	cmd.ExtraFiles = append(inherited(), w)
	fd := firstExtra + len(cmd.ExtraFiles) - 1
	text, err := mark(Supervised, fd, w, exe)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(os.Environ(), text)
	cmd.SysProcAttr = dieWith()
	if tty.isForUsAlone() && tty.isOurs() {
		cmd.SysProcAttr.Setpgid = true
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, tty.fd
	}
	return cmd, nil
}

// inherited are the descriptors that whoever started this process has left open
// for the program: sockets, by systemd's LISTEN_FDS, or a pipe to tell that it is
// ready. They are copies: the files close them.
func inherited() (files []*os.File) {
	for fd := range leftOpen() {
		for firstExtra+len(files) < fd {
			files = append(files, nil) // a gap
		}
		var f *os.File
		if copied, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, firstExtra); err == nil {
			f = os.NewFile(uintptr(copied), "inherited")
		}
		files = append(files, f)
	}
	return files
}

// Attach is [Start] for the program under a supervisor.
func Attach() (*Watch, error) {
	w, err := newWatch(own.pipe())
	if err != nil {
		return nil, fmt.Errorf("find supervisor: %w", err)
	}
	return w, nil
}

// wait reaps every child, those of others that fell to PID 1 too, until the
// program is dead.
func (p *program) wait() syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return status
		case got == p.pid && status.Stopped():
			p.stopped(status.StopSignal())
		case got == p.pid:
			return status
		}
	}
}

// stopped lets this process stop with the program, so that the shell sees it.
// Without a terminal, there is none, and whoever stops and continues both may do
// so faster than this can follow. Nothing that is typed stops PID 1.
func (p *program) stopped(by syscall.Signal) {
	switch {
	case os.Getpid() == 1 && by != syscall.SIGSTOP:
		p.kill(syscall.SIGCONT)
	case p.tty == nil:
	case by == syscall.SIGSTOP && !p.tty.isOurs():
		// By its number: who did that will let it go on.
	default:
		p.stopAlong()
	}
}

// stopAlong returns when this process goes on.
func (p *program) stopAlong() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	p.ran = time.Now()
}

// kill sends to the program, and if it has a group of its own to all of that:
// a terminal would.
func (p *program) kill(sig syscall.Signal) {
	if p.ownGroup && sig == syscall.SIGCONT {
		_ = syscall.Kill(-p.pid, sig)
		return
	}
	_ = syscall.Kill(p.pid, sig)
}

// exit ends this process as the program has ended.
func (p *program) exit(status syscall.WaitStatus) {
	if !status.Signaled() {
		os.Exit(status.ExitStatus())
	}
	sig := status.Signal()
	// Whom a core dump concerns has that of the program.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if os.Getpid() != 1 && takeDefault(sig) { // no signal of its own kills PID 1
		_ = syscall.Kill(os.Getpid(), sig)
		time.Sleep(time.Second) // until it arrives
	}
	os.Exit(128 + int(sig)) // as a shell words it
}
