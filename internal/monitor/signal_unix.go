//go:build linux || darwin || freebsd

package monitor

import (
	"os"
	"os/signal"
	"slices"
	"syscall"

	"golang.org/x/sys/unix"
)

// forwarded are the signals that are meant for the program.
var forwarded = []os.Signal{
	syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGABRT, syscall.SIGUSR1, syscall.SIGUSR2,
	syscall.SIGWINCH, syscall.SIGTSTP, syscall.SIGCONT,
}

// typed are those that a terminal sends to all of the group in its foreground.
var typed = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH}

// listen begins before the program, so that none is missed. What is ignored stays
// so, here and in the program: under nohup, or in the background of a script.
func listen() <-chan os.Signal {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals, slices.DeleteFunc(slices.Clone(forwarded), signal.Ignored)...)
	// Standard error may be closed at its other end: that is the program's matter.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return signals
}

// forward ends with the program: its number may become another's.
func (p *program) forward(signals <-chan os.Signal, dead <-chan struct{}) {
	defer contain()
	for {
		select {
		case <-dead:
			return
		case s := <-signals:
			p.send(s)
		}
	}
}

func (p *program) send(s os.Signal) {
	if !p.ownGroup && p.tty.isOurs() && slices.Contains(typed, s) {
		return // the program has it too
	}
	if s == syscall.SIGCONT && p.ownGroup && p.tty.isOurs() {
		p.tty.give(p.pid)
	}
	_ = syscall.Kill(p.pid, s.(syscall.Signal))
}

// awaitOrSignal waits for done, or for somebody who wants this process to end.
func awaitOrSignal(done <-chan struct{}, signals <-chan os.Signal) {
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			if s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGQUIT || s == syscall.SIGHUP {
				return
			}
		}
	}
}

// A terminal is the one that controls this process; nil is none.
type terminal struct{ fd int }

func openTerminal() *terminal {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	return &terminal{fd: fd}
}

// isForUsAlone tells whether the program can have the terminal in a group of its
// own: what is typed is then for it, and what is sent to this process is passed
// on. With others in our group (a pager that reads what the program writes, a
// script that goes on after it) they would be in the background.
func (t *terminal) isForUsAlone() bool {
	if syscall.Getpgrp() != os.Getpid() {
		return false
	}
	for fd := range firstExtra {
		if _, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP); err != nil {
			return false
		}
	}
	return true
}

// isOurs tells whether we are in the foreground.
func (t *terminal) isOurs() bool { return t.isOf(syscall.Getpgrp()) }

func (t *terminal) isOf(group int) bool {
	if t == nil {
		return false
	}
	foreground, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	return err == nil && foreground == group
}

// give puts a group in the foreground.
func (t *terminal) give(group int) { _ = unix.IoctlSetPointerInt(t.fd, unix.TIOCSPGRP, group) }
