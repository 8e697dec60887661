// Package vitals reads what this process knows of itself for free, and what a report
// wants when the process has died without a word: its memory, and which start of the
// machine it lives in.
//
// The numbers of the Go runtime are those of its last garbage collection. Nothing
// here stops the world, and nobody calls it regularly: a run reads its vitals at its
// start, and after a collection that takes place anyway.
package vitals

import (
	"math"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"sync"

	"github.com/panicreport/sentry/internal/cgroup"
)

// Vitals are those of a process at one time. Sizes are in bytes.
type Vitals struct {
	Kernel     cgroup.Memory `json:"kernel"`
	Boot       string        `json:"boot,omitempty"`  // random, another one after each start of the machine
	Limit      uint64        `json:"limit,omitempty"` // GOMEMLIMIT; 0 for none
	GCPercent  uint64        `json:"gc_percent"`      // GOGC; off is a very large number
	Heap       uint64        `json:"heap"`            // what was in use at the last collection
	Mapped     uint64        `json:"mapped"`          // what the runtime has from the system
	Goroutines uint64        `json:"goroutines"`
}

// names are the numbers of the runtime, in the order of Vitals.
var names = [...]string{
	"/gc/gomemlimit:bytes", "/gc/gogc:percent", "/gc/heap/live:bytes", "/memory/classes/total:bytes", "/sched/goroutines:goroutines",
}

// Read reads the vitals of this process.
func Read() Vitals {
	samples := make([]metrics.Sample, len(names))
	for i, name := range names {
		samples[i].Name = name
	}
	metrics.Read(samples)
	at := func(i int) uint64 {
		if samples[i].Value.Kind() != metrics.KindUint64 {
			return 0 // a version of Go that does not know it
		}
		return samples[i].Value.Uint64()
	}
	v := Vitals{Kernel: cgroup.Read(), Boot: boot(), Limit: at(0), GCPercent: at(1), Heap: at(2), Mapped: at(3), Goroutines: at(4)}
	if v.Limit >= math.MaxInt64 {
		v.Limit = 0
	}
	return v
}

// Off tells whether GOGC is off.
func (v Vitals) Off() bool { return v.GCPercent > math.MaxInt32 }

// boot is the id of this start of the machine, of Linux only. It is read once.
func boot() string {
	booted.once.Do(func() {
		text, _ := os.ReadFile(filepath.Join(cgroup.Root(), "proc/sys/kernel/random/boot_id"))
		booted.id = strings.TrimSpace(string(text))
	})
	return booted.id
}

var booted struct {
	once sync.Once
	id   string
}

// Rebooted tells whether the machine was started again between two readings. It is
// false where that is not known.
func Rebooted(before, after Vitals) bool {
	return before.Boot != "" && after.Boot != "" && before.Boot != after.Boot
}
