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

// Supervise runs the program as a child of this process, and ends this process in
// the same way as the program ends. It returns only if it cannot start the program.
//
// It calls read in another goroutine, with the output of the program, and state with
// each state that the program tells while that is read. When the
// program is dead, it calls end with how that was. If somebody asks this process to
// end in the meantime, it does not wait for end.
func Supervise(state func([]byte), read func(*Output), end func(Ended)) error {
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
	runtime.LockOSThread() // for good: the program dies when this thread ends, see dieWith
	err = cmd.Start()
	for _, f := range cmd.ExtraFiles {
		_ = f.Close() // f may be nil, for a gap
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
		_ = syscall.Close(fd) // the program has a copy of its own
	}
	p := &program{pid: cmd.Process.Pid, tty: tty, ownGroup: cmd.SysProcAttr.Setpgid}
	crash := newDrain(r)
	told, passed, dead := make(chan struct{}), make(chan heard, 1), make(chan struct{})
	go p.forward(signals, dead)
	go func() {
		defer close(told)
		defer contain.Panic()
		if out, err := Open(crash, state); err == nil {
			read(out)
		}
	}()
	go func() {
		defer close(passed)
		defer contain.Panic()
		passed <- stderr.pass()
	}()
	status, used := p.wait()
	close(dead)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer contain.Panic()
		crash.finish()
		stderr.finish()
		h := stderr.await(passed)
		<-told
		end(endedOf(status, used, h))
	}()
	awaitOrSignal(ended, signals)
	p.exit(status)
	return nil
}

// A program is the child of a supervisor.
type program struct {
	pid      int
	tty      *terminal
	ownGroup bool // it has a process group of its own, and not the supervisor's

	mu  sync.Mutex // held to stop or continue the program
	ran time.Time  // when it was last continued
}

// supervised returns the command that starts the program, with the end of the pipe
// to which it writes.
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

// inherited returns the descriptors that the parent of this process has left open
// for the program, such as the sockets of systemd's LISTEN_FDS, or a pipe on which
// the program tells that it is ready. They are copies, because an os.File closes
// its descriptor.
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

// Attach returns the Watch of a program whose role is [Supervised], which needs no
// [Start].
func Attach() (*Watch, error) {
	w, err := newWatch(own.pipe())
	if err != nil {
		return nil, fmt.Errorf("find supervisor: %w", err)
	}
	return w, nil
}

// wait waits until the program is dead, and tells what it has used. It reaps every
// other child, too: as PID 1, this process becomes the parent of processes whose own
// parent has died.
func (p *program) wait() (status syscall.WaitStatus, used syscall.Rusage) {
	for {
		got, err := syscall.Wait4(-1, &status, syscall.WUNTRACED, &used)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return status, used
		case got == p.pid && status.Stopped():
			p.stopped(status.StopSignal())
		case got == p.pid:
			return status, used
		}
	}
}

// stopped stops this process when somebody has stopped the program, so that the
// shell sees it. Without a terminal there is no shell, and somebody who stops and
// continues both may do so faster than this process can follow. PID 1 cannot be
// stopped from the terminal, so the program is continued there.
func (p *program) stopped(by syscall.Signal) {
	switch {
	case os.Getpid() == 1 && by != syscall.SIGSTOP:
		p.kill(syscall.SIGCONT)
	case p.tty == nil:
	case by == syscall.SIGSTOP && !p.tty.isOurs():
		// Somebody has stopped the program by its process number, and will
		// continue it in the same way.
	default:
		p.stopSelf()
	}
}

// stopSelf stops this process, and returns when somebody continues it.
func (p *program) stopSelf() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	p.ran = time.Now()
}

// kill sends sig to the program. If the program has a process group of its own,
// SIGCONT goes to the whole group, as from a shell.
func (p *program) kill(sig syscall.Signal) {
	if p.ownGroup && sig == syscall.SIGCONT {
		_ = syscall.Kill(-p.pid, sig)
		return
	}
	_ = syscall.Kill(p.pid, sig)
}

// endedOf tells how the program has ended.
func endedOf(status syscall.WaitStatus, used syscall.Rusage, h heard) Ended {
	e := Ended{Words: h.words, Tail: h.tail, Resident: uint64(used.Maxrss) * rssUnit}
	if !status.Signaled() {
		e.Exit = status.ExitStatus()
		return e
	}
	e.Signal = unix.SignalName(status.Signal())
	var allowed syscall.Rlimit // as the program has inherited it
	if err := syscall.Getrlimit(unix.RLIMIT_CPU, &allowed); err == nil {
		spent := time.Duration(used.Utime.Nano() + used.Stime.Nano())
		e.CPUSpent = uint64(allowed.Max) <= uint64((spent+time.Second/2)/time.Second)
	}
	return e
}

// exit ends this process in the same way as the program has ended.
func (p *program) exit(status syscall.WaitStatus) {
	if !status.Signaled() {
		os.Exit(status.ExitStatus())
	}
	sig := status.Signal()
	// This process must not dump core: the core dump of the program is the one
	// that people need.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if os.Getpid() != 1 && takeDefault(sig) { // PID 1 cannot kill itself with a signal
		_ = syscall.Kill(os.Getpid(), sig)
		time.Sleep(time.Second) // until the signal arrives
	}
	os.Exit(128 + int(sig)) // the convention of shells
}
