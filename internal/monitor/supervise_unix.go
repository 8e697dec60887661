//go:build linux || darwin || freebsd

package monitor

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
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
	defer w.Close()
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
	signals := listen()
	runtime.LockOSThread() // until the end: the program dies with the thread, see dieWith
	if err := cmd.Start(); err != nil {
		signal.Reset()
		runtime.UnlockOSThread()
		return fmt.Errorf("supervise: %w", err)
	}
	w.Close()
	stderr.closeFar()
	for _, f := range cmd.ExtraFiles {
		_ = f.Close() // that of a gap is nil
	}
	p := &program{pid: cmd.Process.Pid, tty: tty, ownGroup: cmd.SysProcAttr.Setpgid}
	signal.Ignore(syscall.SIGTTOU) // so that the terminal can be given away
	crash := newDrain(r)
	told, passed, dead := make(chan struct{}), make(chan string, 1), make(chan struct{})
	go p.forward(signals, dead)
	go func() {
		defer contain()
		defer close(told)
		if out, err := Open(crash); err == nil {
			read(out)
		}
	}()
	go func() {
		defer contain()
		defer close(passed)
		passed <- stderr.pass()
	}()
	status := p.wait()
	close(dead)
	crash.finish()
	stderr.finish()
	words := <-passed
	<-told
	ended := make(chan struct{})
	go func() {
		defer contain()
		defer close(ended)
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
	text, err := mark{role: Supervised, fd: fd, exe: exe}.of(w)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(os.Environ(), text)
	cmd.SysProcAttr = dieWith()
	cmd.SysProcAttr.Setpgid = tty == nil || tty.isForUsAlone()
	if cmd.SysProcAttr.Setpgid && tty.isOurs() {
		cmd.SysProcAttr.Foreground, cmd.SysProcAttr.Ctty = true, tty.fd
	}
	return cmd, nil
}

// inherited are the descriptors that whoever started this process has left open
// for the program: sockets, by systemd's LISTEN_FDS, or a pipe to tell that it is
// ready.
func inherited() (files []*os.File) {
	for fd := range leftOpen() {
		for firstExtra+len(files) < fd {
			files = append(files, nil) // a gap
		}
		files = append(files, os.NewFile(uintptr(fd), "inherited"))
	}
	return files
}

// Attach is [Start] for the program under a supervisor.
func Attach() (*Watch, error) {
	for _, name := range []string{"LISTEN_PID", "WATCHDOG_PID"} { // of systemd, which does not know the child
		if os.Getenv(name) == strconv.Itoa(os.Getppid()) {
			_ = os.Setenv(name, strconv.Itoa(os.Getpid()))
		}
	}
	w, err := newWatch(os.NewFile(uintptr(own.fd), "supervisor"))
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
func (p *program) stopped(by syscall.Signal) {
	switch {
	case (by == syscall.SIGTTIN || by == syscall.SIGTTOU) && p.ownGroup && p.tty.isOurs():
		// The shell has brought us to the foreground, and knows only our group.
		p.tty.give(p.pid)
		_ = syscall.Kill(-p.pid, syscall.SIGCONT)
		return
	case by == syscall.SIGSTOP && !(p.ownGroup && p.tty.isOf(p.pid)):
		return // by its number: who did that will let it go on
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
}

// exit ends this process as the program has ended.
func (p *program) exit(status syscall.WaitStatus) {
	if p.ownGroup && p.tty.isOf(p.pid) {
		p.tty.give(syscall.Getpgrp())
	}
	if !status.Signaled() {
		os.Exit(status.ExitStatus())
	}
	sig := status.Signal()
	// Whom a core dump concerns has that of the program.
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	if os.Getpid() != 1 && takeDefault(sig) { // no signal of its own kills PID 1
		_ = syscall.Kill(os.Getpid(), sig)
		time.Sleep(drainWait) // until it arrives
	}
	os.Exit(128 + int(sig)) // as a shell words it
}
