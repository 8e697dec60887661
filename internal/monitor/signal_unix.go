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

// typed are the signals that a terminal sends to all processes of the foreground
// group.
var typed = []os.Signal{syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH}

// listen begins to receive signals, before the program is started so that none is
// missed. A signal that is ignored, because of nohup or in the background of a
// script, stays ignored in this process and in the program.
func listen() (signals chan os.Signal, wanted []os.Signal) {
	signals = make(chan os.Signal, 64)
	wanted = slices.DeleteFunc(slices.Clone(forwarded), signal.Ignored)
	signal.Notify(signals, wanted...)
	return signals, wanted
}

// takeOver undoes what the code before Init has set up for the signals. The program
// sets it up again in its own process.
func takeOver(signals chan os.Signal, wanted []os.Signal) {
	for _, s := range wanted {
		signal.Reset(s)
		signal.Notify(signals, s)
	}
	// By default, this process would die when nobody reads its standard error any
	// more. The program is to get the error instead, and to decide what to do.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
}

// forward passes signals on to the program. It ends when the program is dead,
// because another process may get its number.
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

// staleWait is how long after a SIGCONT a SIGTSTP is ignored. It may have come
// before the SIGCONT, since os/signal delivers pending signals in the order of
// their numbers, and both may have been sent to the whole group.
const staleWait = 100 * time.Millisecond

func (p *program) send(s os.Signal) {
	if !p.ownGroup && p.tty.isOurs() && slices.Contains(typed, s) {
		return // the terminal has sent it to the program, too
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

// groupWait is how long after the death of the program a signal is ignored. It may
// be the signal that has ended the program, sent to the whole group.
const groupWait = 100 * time.Millisecond

// stopWait is how long a report that is on its way is waited for when a signal asks this
// process to end. Who asks may be a service manager that stops what is left of a unit
// because the program has died, as systemd does after a kill for memory, and that must
// not take the report along. It is half of what Docker gives, which gives the least.
const stopWait = 5 * time.Second

// awaitOrSignal waits until done is closed, or for stopWait after a signal that asks
// this process to end.
func awaitOrSignal(done <-chan struct{}, signals <-chan os.Signal) {
	died := time.Now()
	var stop <-chan time.Time
	for {
		select {
		case <-done:
			return
		case <-stop:
			return
		case s := <-signals:
			if stop == nil && time.Since(died) > groupWait && (s == syscall.SIGTERM || s == syscall.SIGINT || s == syscall.SIGHUP) {
				stop = time.After(stopWait)
			}
		}
	}
}

// A terminal is the controlling terminal of this process, or nil if it has none.
type terminal struct{ fd int }

func openTerminal() *terminal {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil
	}
	return &terminal{fd: fd}
}

// isForUsAlone reports whether the program can have the terminal in a process group
// of its own, so that a key typed there signals the program and not this process.
// That is so only for PID 1, as with docker run -it. Elsewhere, other processes use
// the terminal: a shell that knows only our group, a pager that reads what the
// program writes, a script that goes on after the program.
func (t *terminal) isForUsAlone() bool {
	return t != nil && os.Getpid() == 1 && syscall.Getpgrp() == 1
}

// isOurs reports whether the process group of this process is in the foreground.
func (t *terminal) isOurs() bool {
	if t == nil {
		return false
	}
	foreground, err := unix.IoctlGetInt(t.fd, unix.TIOCGPGRP)
	return err == nil && foreground == syscall.Getpgrp()
}
