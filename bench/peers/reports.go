package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// A place is a server, as it is met.
type place struct {
	name    string
	delay   time.Duration
	reports int
	rounds  int // in each of which all have their turn: what else the machine does is then the same for all
}

var places = []place{
	{"loopback", 0, 400, 5},
	{"a server that answers after 50 ms", 50 * time.Millisecond, 30, 1},
	{"a server that never answers", -1, 3, 1},
}

// reports measures how long a panic holds the program up.
func reports(d *document) error {
	reporting := []string{
		protocol.SentryGo, protocol.SentryGoFlush, protocol.Bugsnag, protocol.Rollbar,
		protocol.OursPlain, protocol.OursOwnWords, protocol.OursSpool, protocol.OursWithMonitor,
	}
	for _, p := range places {
		table := [][]string{{p.name, "median", "p99", "of sentry-go's synchronous", "allocations", "kB allocated", "kB on the wire"}}
		var pictured []bar
		for i, r := range inRounds(reporting, p) {
			library := reporting[i]
			if r.err != nil { // it does not end without an answer: that is the result
				table = append(table, []string{library, r.err.Error(), "", "", "", "", ""})
				continue
			}
			m, of := median(r.Times), ""
			if len(r.ratios) > 0 {
				of = ratio(median(r.ratios), 1)
			}
			table = append(table, []string{
				library, short(m), short(quantile(r.Times, 0.99)), of,
				fmt.Sprintf("%.0f", r.Allocations), fmt.Sprintf("%.0f", r.Bytes/1e3), r.wire,
			})
			pictured = append(pictured, bar{library, m.Seconds(), short(m)})
		}
		d.table(table)
		if p.delay == 50*time.Millisecond {
			d.bars("report.svg", "A panic is reported to a server that answers after 50 ms: until the program goes on", pictured)
		}
	}
	d.paragraph("The time is from the panic until the program goes on. The first report is left out: it makes the connection. " +
		"None of the others removes secrets from texts.")
	return nil
}

// A measured library has the outcome of the last round, with the times of all.
type measured struct {
	protocol.Outcome
	wire   string
	err    error
	ratios []float64 // of its median to that of the first library, in each round
}

func inRounds(libraries []string, p place) []measured {
	all := make([]measured, len(libraries))
	for range p.rounds {
		var first time.Duration
		for i, library := range libraries {
			if all[i].err != nil {
				continue
			}
			m := &all[i]
			before := m.Times
			m.Outcome, m.wire, m.err = reportsOf(library, p)
			if i == 0 {
				first = median(m.Times)
			}
			if first > 0 {
				m.ratios = append(m.ratios, median(m.Times).Seconds()/first.Seconds())
			}
			m.Times = append(m.Times, before...)
		}
	}
	return all
}

func reportsOf(library string, p place) (r protocol.Outcome, wire string, err error) {
	s, err := newServer(p.delay)
	if err != nil {
		return r, "", err
	}
	defer s.Close()
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return r, "", err
	}
	defer os.RemoveAll(dir)
	r, err = child{protocol.Report, library, s.URL, dir, p.reports, 30 * time.Second}.run()
	if err == nil && p.delay >= 0 {
		n := s.WaitReports(p.reports+1, 10*time.Second)
		wire = fmt.Sprintf("%.1f", float64(s.listener.Bytes())/1e3/float64(max(n, 1)))
		if n != p.reports+1 {
			wire += fmt.Sprintf(" (%d of %d came)", n, p.reports+1)
		}
	}
	return r, wire, err
}

// short is a duration with three digits.
func short(d time.Duration) string {
	for _, unit := range slices.Backward([]time.Duration{1, time.Microsecond, time.Millisecond, time.Second}) {
		if d >= 100*unit {
			return d.Round(unit).String()
		}
		if d >= unit {
			return d.Round(max(unit/100, 1)).String()
		}
	}
	return d.String()
}
