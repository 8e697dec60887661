//go:build linux || darwin || freebsd

package monitor

import (
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/panicreport/sentry/internal/contain"
)

// typed are those that a terminal sends to all of the group in its foreground.
var typed = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH}

// listen begins before the program, so that none is missed. What is ignored stays
// so, here and there: under nohup, or in the background of a script.
func listen() (signals chan os.Signal, wanted []os.Signal) {
	signals = make(chan os.Signal, 64)
	wanted = slices.DeleteFunc(slices.Clone(forwarded), signal.Ignored)
	signal.Notify(signals, wanted...)
	return signals, wanted
}

// takeOver takes the signals from what was done with them before Init: the program
// does that again.
func takeOver(signals chan os.Signal, wanted []os.Signal) {
	for _, s := range wanted {
		signal.Reset(s)
		signal.Notify(signals, s)
	}
	// Standard error may be closed at its other end: that is the program's matter.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

// forward ends with the program: its number may become another's.
func (p *program) forward(signals <-chan os.Signal, dead <-chan struct{}) {
	defer contain.Panic()
	for {
		select {
		case <-dead:
			return
		case s := <-signals:
			p.send(s)
		}
	}
}

// staleWait is for a SIGTSTP that came before the SIGCONT which it seems to follow:
// Go hands out by number what is pending, and the whole group may have had both.
const staleWait = 100 * time.Millisecond

func (p *program) send(s os.Signal) {
	if !p.ownGroup && p.tty.isOurs() && slices.Contains(typed, s) {
		return // the program has it too
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch s {
	case syscall.SIGCONT:
		p.ran = time.Now()
	case syscall.SIGTSTP:
		if time.Since(p.ran) < staleWait {
			return
		}
	}
	p.kill(s.(syscall.Signal))
}

// groupWait is for a signal that has ended the program, too: whoever sent it to
// the group does not ask for more.
const groupWait = 100 * time.Millisecond

// awaitOrSignal waits for done, or for somebody who wants this process to end.
func awaitOrSignal(done <-chan struct{}, signals <-chan os.Signal) {
	died := time.Now()
	for {
		select {
		case <-done:
			return
		case s := <-signals:
			if time.Since(died) > groupWait && (s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGHUP) {
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
// own: as PID 1, as by docker run -it. What is typed is then for it, and what is
// sent to this process is passed on. Elsewhere, there are others: a shell that
// knows only our group, a pager that reads what the program writes, a script that
// goes on after it.
func (t *terminal) isForUsAlone() bool {
	return t != nil && os.Getpid() == 1 && syscall.Getpgrp() == 1
}

// isOurs tells whether we are in the foreground.
func (t *terminal) isOurs() bool {
	if t == nil {
		return false
	}
	foreground, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	return err == nil && foreground == syscall.Getpgrp()
}
