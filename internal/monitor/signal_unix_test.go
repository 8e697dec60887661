//go:build unix

package monitor

import (
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// TestStopOfTheUnit: a service manager stops what is left of a unit because the program
// has died. That leaves the report its time, and no more than that.
func TestStopOfTheUnit(t *testing.T) {
	for name, tt := range map[string]struct {
		report, signal, want time.Duration // after the death
	}{
		"nobody asks":                        {time.Minute, time.Hour, time.Minute},
		"the report comes after the signal":  {3 * time.Second, time.Second, 3 * time.Second},
		"the report does not come":           {time.Hour, time.Second, time.Second + stopWait},
		"the signal that ended the program":  {time.Minute, groupWait / 2, time.Minute},
		"the report came before it was sent": {time.Second, 2 * time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				done, signals := make(chan struct{}), make(chan os.Signal, 1)
				time.AfterFunc(tt.report, func() { close(done) })
				time.AfterFunc(tt.signal, func() { signals <- syscall.SIGTERM })
				awaitOrSignal(done, signals)
				require.Equal(t, tt.want, time.Since(began))
			})
		})
	}
}
