package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// deaths lets programs die under each library. A library that needs the next start
// of the program gets it.
func deaths(d *document) error {
	compared := []string{
		protocol.SentryGo, protocol.Panicwrap, protocol.BugsnagProcess, protocol.OursPlain, protocol.OursSpool, protocol.OursWithMonitor,
	}
	table := [][]string{append([]string{"death"}, compared...)}
	for _, way := range protocol.Ways {
		cells := make([]string, len(compared))
		errs := make([]error, len(compared))
		var wg sync.WaitGroup
		for i, library := range compared {
			wg.Go(func() { cells[i], errs[i] = deathOf(library, way) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
		table = append(table, append([]string{way}, cells...))
	}
	d.table(table)
	d.paragraph("The number of reports that came, and when: before the process's end or shortly after, or at the next start.")
	return nil
}

// patience is for a deadlock: in a program that links sentry-go, a timer of the
// standard library's hides it for a minute.
const patience = 90 * time.Second

func deathOf(library, way string) (string, error) {
	s, err := newServer(0)
	if err != nil {
		return "", err
	}
	defer s.Close()
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	c := child{task: way, library: library, url: s.URL, dir: dir, patience: patience}
	_, err = c.run()
	if errors.Is(err, errEndless) { // the library's own goroutines hide the deadlock from the runtime
		return "0, and the program does not end", nil
	}
	if err != nil {
		return "", err
	}
	if n := s.WaitReports(1, 2*time.Second); n > 0 {
		return fmt.Sprint(n), nil
	}
	if !strings.HasPrefix(library, protocol.Ours) {
		return "0", nil
	}
	c.task = protocol.Init
	if _, err := c.run(); err != nil {
		return "", err
	}
	if n := s.WaitReports(1, time.Second); n > 0 {
		return fmt.Sprintf("%d, at the next start", n), nil
	}
	return "0", nil
}
