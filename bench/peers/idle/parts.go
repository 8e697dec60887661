package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// parts are what the resident memory of a process consists of, in bytes.
type parts struct {
	code      int64 // of the executable; shared with other processes of it
	constants int64 // its read-only data, with the tables of the runtime: shared, too
	variables int64 // of the packages, and the stack of the first thread
	heap      int64 // with the stacks of goroutines
	runtime   int64 // what it keeps books in: spans, caches, processors, threads
}

// partsOf reads them from smaps. Linux does not say which anonymous memory is whose,
// unless it is built to. But on a 64-bit system, Go asks for the heap at an address
// far below those where Linux puts what asks for none, which are near the stack.
//
//	00400000-00490000 r-xp 00000000 fe:00 9981214    /usr/bin/program
//	Rss:                 576 kB
func partsOf(smaps, exe string) (p parts, err error) {
	type mapping struct {
		from, to   uint64
		mode, name string
		rss        int64
	}
	var all []mapping
	var stack uint64
	for line := range strings.Lines(smaps) {
		fields := strings.Fields(line)
		switch {
		case len(fields) >= 5 && strings.Contains(fields[0], "-"):
			m := mapping{mode: fields[1]}
			if _, err := fmt.Sscanf(fields[0], "%x-%x", &m.from, &m.to); err != nil {
				return p, fmt.Errorf("read smaps: %w", err)
			}
			if len(fields) > 5 {
				m.name = fields[5]
			}
			if m.name == "[stack]" {
				stack = m.from
			}
			all = append(all, m)
		case len(fields) == 3 && fields[0] == "Rss:" && len(all) > 0:
			n, err := strconv.ParseInt(fields[1], 10, 64)
			if err != nil {
				return p, fmt.Errorf("read smaps: %w", err)
			}
			all[len(all)-1].rss = n << 10
		}
	}
	var end uint64 // of what comes from the executable
	for _, m := range all {
		ofFile := m.name == exe || m.from == end // variables that begin as zero follow without a name
		if ofFile {
			end = m.to
		}
		switch {
		case ofFile && strings.Contains(m.mode, "x"):
			p.code += m.rss
		case ofFile && !strings.Contains(m.mode, "w"):
			p.constants += m.rss
		case ofFile, strings.HasPrefix(m.name, "[stack"):
			p.variables += m.rss
		case m.from < stack/4*3 && !strings.HasPrefix(m.name, "[v"):
			p.heap += m.rss
		default:
			p.runtime += m.rss
		}
	}
	if p.code == 0 || stack == 0 {
		return p, fmt.Errorf("read smaps: it has no %s, or no stack", exe)
	}
	return p, nil
}

func (p parts) sum() int64 { return p.code + p.constants + p.variables + p.heap + p.runtime }

func readParts(pid int, exe string) (parts, error) {
	smaps, err := os.ReadFile(procFile(pid, "smaps"))
	if err != nil {
		return parts{}, err
	}
	return partsOf(string(smaps), exe)
}
