package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A process is what /proc tells about a process.
type process struct {
	resident, pss, private int64 // bytes
	threads, files         int64
	parts                  parts // of resident
}

func look(pid int, exe string) (p process, err error) {
	if p.parts, err = readParts(pid, exe); err != nil {
		return p, err
	}
	if p.resident, err = sum(procFile(pid, "smaps_rollup"), "Rss"); err != nil {
		return p, err
	}
	if p.pss, err = sum(procFile(pid, "smaps_rollup"), "Pss"); err != nil {
		return p, err
	}
	if p.private, err = sum(procFile(pid, "smaps_rollup"), "Private_Clean", "Private_Dirty"); err != nil {
		return p, err
	}
	threads, err := os.ReadDir(procFile(pid, "task"))
	if err != nil {
		return p, err
	}
	files, err := os.ReadDir(procFile(pid, "fd"))
	p.threads, p.files = int64(len(threads)), int64(len(files))
	return p, err
}

func procFile(pid int, name string) string {
	return filepath.Join("/proc", strconv.Itoa(pid), name)
}

// switches returns the number of context switches of each thread since its start.
func switches(pid int) (map[string]int64, error) {
	threads, err := os.ReadDir(procFile(pid, "task"))
	if err != nil {
		return nil, err
	}
	of := make(map[string]int64)
	for _, t := range threads {
		of[t.Name()], err = sum(procFile(pid, "task/"+t.Name()+"/status"), "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches")
		if err != nil {
			return nil, err
		}
	}
	return of, nil
}

// since returns how many context switches there were between before and now. A
// thread may be new.
func since(before, now map[string]int64) (n int64) {
	for thread, count := range now {
		n += count - before[thread]
	}
	return n
}

// sum returns the sum of the fields with these names. The file must have all of
// them. A value in kB is converted to bytes. There is no other unit.
//
//	Pss:                1004 kB
//	voluntary_ctxt_switches:	3
func sum(path string, names ...string) (total int64, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	found := 0
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ":")
		for _, wanted := range names {
			if name != wanted {
				continue
			}
			number, inKB := strings.CutSuffix(strings.TrimSpace(value), " kB")
			n, err := strconv.ParseInt(number, 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read %s: %w", path, err)
			}
			if inKB {
				n <<= 10
			}
			total += n
			found++
		}
	}
	if found != len(names) {
		return 0, fmt.Errorf("read %s: it has not all of %s", path, strings.Join(names, ", "))
	}
	return total, nil
}

// processesOf returns the processes of an executable.
func processesOf(exe string) (pids []int) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == exe { // err is not nil for a process of another user
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			pids = append(pids, pid)
		}
	}
	return pids
}
