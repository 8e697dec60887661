package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

const (
	// A process is at rest if it has no wake-up for restTime. A process that is
	// not at rest after restWait is measured anyway.
	restTime = 500 * time.Millisecond
	restWait = 5 * time.Second
)

// A plan tells how much to measure.
type plan struct {
	rounds, starts int
	idle           time.Duration
}

// A cost is what a way costs. start and init are differences to the way without a
// second process, or absolute times for such a way itself.
type cost struct {
	way         way
	second      process
	wakeUps     int64 // of the second process
	ownWakeUps  int64 // of the program
	start, init time.Duration
}

// measure builds the programs, and measures all ways.
func (p plan) measure(ctx context.Context) (costs []cost, err error) {
	if p.rounds < 1 || p.starts < 1 || p.idle <= 0 {
		return nil, errors.New("there is nothing to measure")
	}
	dir, err := os.MkdirTemp("", "idle-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := build(ctx, dir); err != nil {
		return nil, err
	}
	programs := make([]*measured, len(ways))
	for i, w := range ways {
		if programs[i], err = newMeasured(w, dir, strconv.Itoa(i)); err != nil {
			return nil, err
		}
	}
	for range p.rounds {
		if err := lookAt(ctx, programs, p.idle); err != nil {
			return nil, err
		}
	}
	for n := range p.starts {
		for i := range programs { // the order changes, so that no way always follows the same one
			if err := programs[(i+n)%len(programs)].startOnce(ctx); err != nil {
				return nil, err
			}
		}
	}
	for _, m := range programs {
		costs = append(costs, m.cost(programs))
	}
	return costs, nil
}

// A measured is the program of one way, and its figures.
type measured struct {
	way                 way
	exe                 string
	looks               []process
	wakeUps, ownWakeUps []int64
	starts, inits       []time.Duration
}

// newMeasured gives a way an executable of its own. With one executable, all ways
// would share its pages, and Pss would depend on the number of ways.
func newMeasured(w way, dir, name string) (*measured, error) {
	own := filepath.Join(dir, name)
	if err := copyFile(own, filepath.Join(dir, w.program)); err != nil {
		return nil, err
	}
	own, err := filepath.EvalSymlinks(own) // the name in /proc
	return &measured{way: w, exe: own}, err
}

// copyFile copies a file. It writes single pages, because a larger write makes
// larger pieces in the page cache. Linux 6.18 maps such a piece as a whole, so that
// 2 MB more would be resident than if the file had been read from a disk.
func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o700)
	if err != nil {
		return err
	}
	for piece := range slices.Chunk(data, os.Getpagesize()) {
		if _, err := f.Write(piece); err != nil {
			f.Close()
			return err
		}
	}
	return f.Close()
}

func (m *measured) startOnce(ctx context.Context) error {
	r, err := m.run(ctx)
	if err != nil {
		return err
	}
	m.starts, m.inits = append(m.starts, r.start), append(m.inits, r.init)
	return r.stop()
}

// lookAt runs the programs of all ways at the same time, and measures them.
func lookAt(ctx context.Context, programs []*measured, idle time.Duration) (err error) {
	var rs []*running
	defer func() {
		for _, r := range rs {
			err = errors.Join(err, r.stop())
		}
	}()
	for _, m := range programs {
		r, err := m.run(ctx)
		if err != nil {
			return err
		}
		rs = append(rs, r)
	}
	if err := settle(ctx, rs); err != nil {
		return err
	}
	return count(ctx, rs, idle)
}

// settle waits until all programs are at rest, and have the processes that they
// should have. A loaded machine may take long for that: settle waits while the programs
// live.
func settle(ctx context.Context, rs []*running) error {
	for begin := time.Now(); ; {
		rest, complete := true, true
		for _, r := range rs {
			if err := r.watch(); err != nil {
				return err
			}
			if r.switched[r.pid] == nil {
				return fmt.Errorf("wait for %s: it has ended", r.m.way.name)
			}
			rest, complete = rest && r.rests(), complete && r.complete()
		}
		if complete && (rest || time.Since(begin) > restWait) {
			return nil
		}
		if err := sleep(ctx, restTime); err != nil {
			return err
		}
	}
}

func count(ctx context.Context, rs []*running, idle time.Duration) error {
	for _, r := range rs {
		if err := r.watch(); err != nil {
			return err
		}
	}
	if err := sleep(ctx, idle); err != nil {
		return err
	}
	for _, r := range rs {
		if err := r.count(); err != nil {
			return fmt.Errorf("look at %s: %w", r.m.way.name, err)
		}
	}
	return nil
}

func (r *running) count() error {
	second := r.lookedAt()
	if err := r.watch(); err != nil {
		return err
	}
	if !r.complete() || r.lookedAt() != second {
		return errors.New("it has other processes than before")
	}
	r.m.ownWakeUps = append(r.m.ownWakeUps, r.woken[r.pid])
	if second == 0 {
		return nil
	}
	p, err := look(second, r.m.exe)
	r.m.looks, r.m.wakeUps = append(r.m.looks, p), append(r.m.wakeUps, r.woken[second])
	return err
}

func (m *measured) cost(all []*measured) cost {
	c := cost{way: m.way, start: median(m.starts), init: median(m.inits), ownWakeUps: median(m.ownWakeUps)}
	if m.way.floor || !m.way.alone() {
		c.wakeUps, c.second = median(m.wakeUps), m.second()
	}
	if m.way.alone() {
		return c
	}
	i := slices.IndexFunc(all, func(other *measured) bool { return other.way.name == m.way.without })
	c.start, c.init = median(differences(m.starts, all[i].starts)), median(differences(m.inits, all[i].inits))
	return c
}

// second returns the medians of what was seen.
func (m *measured) second() process {
	of := func(field func(process) int64) int64 {
		var values []int64
		for _, p := range m.looks {
			values = append(values, field(p))
		}
		return median(values)
	}
	return process{
		resident: of(func(p process) int64 { return p.resident }),
		pss:      of(func(p process) int64 { return p.pss }),
		private:  of(func(p process) int64 { return p.private }),
		threads:  of(func(p process) int64 { return p.threads }),
		files:    of(func(p process) int64 { return p.files }),
		parts: parts{
			code:      of(func(p process) int64 { return p.parts.code }),
			constants: of(func(p process) int64 { return p.parts.constants }),
			variables: of(func(p process) int64 { return p.parts.variables }),
			heap:      of(func(p process) int64 { return p.parts.heap }),
			runtime:   of(func(p process) int64 { return p.parts.runtime }),
		},
	}
}

// differences returns the differences round by round, because what slows the
// machine down in a round slows both.
func differences(with, without []time.Duration) (d []time.Duration) {
	for i := range with {
		d = append(d, with[i]-without[i])
	}
	return d
}

func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
