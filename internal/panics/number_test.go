package panics_test

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/traceback"
)

const printVariable = "PANICS_TEST_PRINT"

func TestMain(m *testing.M) {
	if os.Getenv(printVariable) != "" {
		printNumbers()
	}
	os.Exit(m.Run())
}

// numbers are the same in every process.
func numbers() []float64 {
	all := []float64{0, math.Copysign(0, -1), 1, 0.1, 1.5, 9.9999995, 99999995, 1e21, 1e-7, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
	source := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		all = append(all, (source.Float64()-0.5)*math.Pow(10, float64(source.IntN(40)-20)))
	}
	return all
}

// printNumbers prints them as the runtime does, and says what Text makes of them.
func printNumbers() {
	var said []string
	for _, f := range numbers() {
		print(f, "\n", float32(f), "\n", complex(f, -f), "\n")
		for _, value := range []any{f, float32(f), complex(f, -f)} {
			said = append(said, panics.Text(value, time.Second))
		}
	}
	_ = json.NewEncoder(os.Stdout).Encode(said)
	os.Exit(0)
}

// TestNumbersAreTheRuntimes holds that a number reads the same in the process and in
// the crash text: what the builtin print prints is what the runtime prints of a
// panic (printpanicval in runtime/error.go).
func TestNumbersAreTheRuntimes(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), printVariable+"=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err)
	var said []string
	require.NoError(t, json.Unmarshal(out, &said))
	printed := strings.Split(strings.TrimSpace(stderr.String()), "\n")
	require.Len(t, printed, len(said))
	for i, text := range printed {
		d, err := traceback.Parse(strings.NewReader("panic: " + text + "\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/x.go:1 +0x1\n"))
		require.NoError(t, err)
		require.Equal(t, said[i], d.Reason, text)
	}
}
