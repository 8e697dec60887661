//go:build linux || darwin || freebsd

package monitor

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
	"unsafe"
)

const (
	// watchFD is where the supervised program finds its pipe: after the three
	// standard streams.
	watchFD = 3

	// drainWait bounds the time for what is still in a pipe once the program is
	// dead: a process that it has left behind may hold the other end.
	drainWait = 200 * time.Millisecond
	readWait  = 5 * time.Second

	// maxWords is enough for every text of the runtime's.
	maxWords = 1 << 10
)

// forwarded are the signals that are meant for the program.
var forwarded = []os.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT,
}

// Supervise runs the program as a child of this process, and ends as it does. It
// returns only if that could not be started. read is called with what the
// program tells, in another goroutine, and end when the program is dead, with
// the text of its last line "fatal error: …" if standard error was watched.
func Supervise(read func(*Output), end func(words string)) error {
	if err := supported(); err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	cmd, err := supervised(w)
	if err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	errors, stderr, err := watchStderr()
	if err != nil {
		return fmt.Errorf("supervise: %w", err)
	}
	cmd.Stderr = stderr
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, forwarded...)
	if err := cmd.Start(); err != nil {
		signal.Stop(signals)
		return fmt.Errorf("supervise: %w", err)
	}
	w.Close()
	if errors != nil {
		stderr.Close()
	}
	pid := cmd.Process.Pid
	go forward(signals, pid)
	told, passed := make(chan struct{}), make(chan string, 1)
	go func() {
		defer contain()
		defer close(told)
		if out, err := Open(r); err == nil {
			read(out)
		}
	}()
	go func() {
		defer contain()
		defer close(passed)
		passed <- pass(errors)
	}()
	status := wait(pid)
	if errors != nil {
		_ = errors.SetReadDeadline(time.Now().Add(drainWait))
	}
	words := <-passed
	select {
	case <-told:
		end(words)
	case <-time.After(readWait):
	}
	exit(status)
	return nil
}

// supervised is the program, with the near end of the pipe. It has a process
// group of its own, in the foreground of the terminal if there is one: what is
// typed is for it alone, and what is sent to this process is forwarded once.
func supervised(w *os.File) (*exec.Cmd, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(exe, os.Args[1:]...)
	cmd.Args[0] = os.Args[0]
	cmd.Env = append(os.Environ(), variable+"="+string(Supervised)+" "+exe)
	cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Foreground: foreground(), Ctty: 0}
	return cmd, nil
}

// Attach is [Start] for the program under a supervisor.
func Attach() (*Watch, error) {
	syscall.CloseOnExec(watchFD)
	w, err := newWatch(os.NewFile(watchFD, "supervisor"))
	if err != nil {
		return nil, fmt.Errorf("find supervisor: %w", err)
	}
	return w, nil
}

// watchStderr returns a pipe to take the place of standard error, or standard
// error itself if it is a terminal: a program asks that.
func watchStderr() (r, w *os.File, err error) {
	if info, err := os.Stderr.Stat(); err != nil || info.Mode()&os.ModeCharDevice != 0 {
		return nil, os.Stderr, nil
	}
	return os.Pipe()
}

// pass passes everything on, and returns the runtime's own words.
func pass(r *os.File) (words string) {
	if r == nil {
		return ""
	}
	buf := make([]byte, 32<<10)
	var line []byte
	for {
		n, err := r.Read(buf)
		_, _ = os.Stderr.Write(buf[:n])
		for part := range bytes.Lines(buf[:n]) {
			if len(line) < maxWords {
				line = append(line, part[:min(len(part), maxWords)]...)
			}
			if part[len(part)-1] == '\n' {
				if text, ok := bytes.CutPrefix(line, []byte("fatal error: ")); ok {
					words = string(bytes.TrimRight(text, "\n"))
				}
				line = line[:0]
			}
		}
		if err != nil {
			return words
		}
	}
}

func forward(signals <-chan os.Signal, pid int) {
	defer contain()
	for s := range signals {
		sig := s.(syscall.Signal)
		if sig == syscall.SIGTSTP {
			sig = syscall.SIGSTOP // a program without a terminal's group ignores the other
		}
		if sig == syscall.SIGCONT && foreground() {
			grab(pid)
		}
		_ = syscall.Kill(pid, sig)
	}
}

// wait reaps every child, those of others that fell to PID 1 too, until the
// program is dead. If that is stopped, this process stops as well, so that the
// shell sees it.
func wait(pid int) syscall.WaitStatus {
	for {
		var status syscall.WaitStatus
		got, err := syscall.Wait4(-1, &status, syscall.WUNTRACED, nil)
		switch {
		case err == syscall.EINTR:
		case err != nil:
			return status
		case got == pid && status.Stopped():
			_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		case got == pid:
			return status
		}
	}
}

// exit ends this process as the program has ended.
func exit(status syscall.WaitStatus) {
	if !status.Signaled() {
		os.Exit(status.ExitStatus())
	}
	sig := status.Signal()
	signal.Reset(sig)
	if sig != syscall.SIGKILL && os.Getpid() != 1 {
		// Go's own handler would print a stack for some of them.
		_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{})
	}
	if os.Getpid() != 1 { // whom no signal of its own kills
		_ = syscall.Kill(os.Getpid(), sig)
		time.Sleep(drainWait) // until it arrives
	}
	os.Exit(128 + int(sig)) // as a shell words it
}

// foreground tells whether standard input is a terminal that is ours.
func foreground() bool {
	group, ok := terminalGroup()
	return ok && (group == syscall.Getpgrp() || group != 0 && os.Getpid() == 1)
}

func terminalGroup() (group int, ok bool) {
	var id int32
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&id)))
	return int(id), errno == 0
}

// grab gives the terminal to the program's group again.
func grab(pid int) {
	signal.Ignore(syscall.SIGTTOU)
	id := int32(pid)
	_, _, _ = syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCSPGRP, uintptr(unsafe.Pointer(&id)))
}
