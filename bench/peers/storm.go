package main

import (
	"fmt"
	"os"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// storm compares what a program has of the worst moment.
func storm(d *document) error {
	const goroutines = 10_000
	table := [][]string{{"10,000 goroutines panic within a second; each answer takes 20 ms", "all guards have returned after", "peak memory", "reports that came", "the rest of the program ran slower by"}}
	for _, library := range []string{
		protocol.SentryGo, protocol.SentryGoFlush, protocol.Bugsnag, protocol.OursPlain, protocol.OursSpool, protocol.OursWithMonitor,
	} {
		row, err := stormRow(library, goroutines)
		if err != nil {
			row = []string{library, err.Error(), "", "", ""}
		}
		table = append(table, row)
	}
	d.table(table)
	d.paragraph("A library whose guards return at once and drop what is too much is quick here: the reports that came are the other half.")
	return nil
}

func stormRow(library string, goroutines int) ([]string, error) {
	s, err := newServer(20 * time.Millisecond)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	r, err := child{protocol.Storm, library, s.URL, dir, goroutines, 4 * time.Minute}.run()
	if err != nil {
		return nil, err
	}
	came := fmt.Sprint(s.WaitReports(goroutines, time.Second))
	if r.Lost > 0 {
		came += fmt.Sprintf("; %d not accepted, says Close", r.Lost)
	}
	return []string{
		library, short(r.Whole), fmt.Sprintf("%.0f MB", float64(r.Peak)/1e6), came, fmt.Sprintf("%.2f", r.Slower),
	}, nil
}
