package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/panicreport/sentry/bench/peers/idle/program"
)

const (
	// patience is how long the processes of a program may take to end, which is
	// milliseconds on a machine that has nothing else to do. Then they are killed.
	patience = time.Minute
	pause    = 2 * time.Millisecond
)

// A running is a program that is up.
type running struct {
	m           *measured
	cmd         *exec.Cmd
	stdin       io.Closer
	pid         int // of the program, which may be a child of cmd
	start, init time.Duration

	switched map[int]map[string]int64 // context switches, by process and thread
	woken    map[int]int64            // context switches since the last watch, by process
}

// run starts the program, and waits until it is up. The machine may have other things
// to do, so run waits until the program has ended or ctx is done, however long it takes.
func (m *measured) run(ctx context.Context) (*running, error) {
	cmd := exec.Command(m.exe)
	// Nothing is sent, so it may be measured under DO_NOT_TRACK, too.
	cmd.Env = append(os.Environ(), program.Way+"="+m.way.name, "DO_NOT_TRACK=")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	r := &running{m: m, cmd: cmd, stdin: stdin}
	defer context.AfterFunc(ctx, func() { _ = cmd.Process.Kill(); stdout.Close() })()
	line, _ := bufio.NewReader(stdout).ReadString('\n')
	r.start = time.Since(begin)
	if _, err := fmt.Sscanf(line, "up %d %d", &r.pid, &r.init); err != nil {
		return nil, errors.Join(fmt.Errorf("start %s: it did not come up", m.way.name), ctx.Err(), r.stop())
	}
	return r, nil
}

// watch counts the context switches of all processes of the program.
func (r *running) watch() error {
	before := r.switched
	r.switched, r.woken = make(map[int]map[string]int64), make(map[int]int64)
	for _, pid := range processesOf(r.m.exe) {
		now, err := switches(pid)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has just ended
		}
		if err != nil {
			return err
		}
		r.switched[pid], r.woken[pid] = now, since(before[pid], now)
	}
	return nil
}

// rests reports whether no process had a wake-up since the last watch. A new
// process had some.
func (r *running) rests() bool {
	for _, n := range r.woken {
		if n != 0 {
			return false
		}
	}
	return true
}

func (r *running) complete() bool {
	wanted := 2
	if r.m.way.alone() {
		wanted = 1
	}
	return r.switched[r.pid] != nil && len(r.switched) == wanted
}

// lookedAt returns the process that is not the program, or 0. Of a floor, it is the
// program.
func (r *running) lookedAt() int {
	if r.m.way.floor {
		return r.pid
	}
	for pid := range r.switched {
		if pid != r.pid {
			return pid
		}
	}
	return 0
}

// stop ends the program and waits for all of its processes. It kills those that do
// not end in time, and returns an error.
func (r *running) stop() error {
	r.stdin.Close()
	timer := time.AfterFunc(patience, func() { _ = r.cmd.Process.Kill() })
	defer timer.Stop()
	err := r.cmd.Wait()
	if gone := r.await(); gone != nil {
		err = errors.Join(err, gone)
	}
	if err != nil {
		return fmt.Errorf("stop %s: %w", r.m.way.name, err)
	}
	return nil
}

func (r *running) await() error {
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		pids := processesOf(r.m.exe)
		if len(pids) == 0 {
			return nil
		}
		if time.Now().After(deadline) {
			kill(pids)
			return fmt.Errorf("%d processes did not end", len(pids))
		}
	}
}

// kill kills processes. They are this command's own, because nothing else has their
// executable.
func kill(pids []int) {
	for _, pid := range pids {
		if p, err := os.FindProcess(pid); err == nil {
			_ = p.Kill()
		}
	}
}
