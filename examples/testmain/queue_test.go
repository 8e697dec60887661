package testmain

import (
	"log"
	"os"
	"testing"

	"github.com/panicreport/sentry"
)

// TestMain reports what ends the suite: a panic in a test, in a goroutine that a
// test has started, the timeout of go test. None of them comes back to this
// function, so a monitor has to see it.
func TestMain(m *testing.M) {
	if err := sentry.Init(
		sentry.WithDefaultEnvironmentDSN(), // as a rule, set in CI only
		sentry.WithCrashMonitor(),
	); err != nil {
		log.Print(err)
	}
	code := m.Run()
	if err := sentry.Close(); err != nil {
		log.Print(err)
	}
	os.Exit(code)
}

func TestQueue(t *testing.T) {
	sentry.SetTag("test", t.Name())
	q := NewQueue()
	var sum int
	for n := range 10 {
		q.Put(func() { sum += n })
	}
	q.Close()
	if sum != 45 {
		t.Errorf("sum is %d, want 45", sum)
	}
}

// TestDeath ends the suite in the way that is asked for.
func TestDeath(t *testing.T) {
	sentry.SetTag("test", t.Name())
	var jobs []func()
	q := NewQueue()
	switch os.Getenv("DIE") {
	case "test":
		jobs[0]()
	case "job":
		q.Put(func() { panic("the job went wrong") })
	case "timeout": // with -timeout=1s
		q.Put(func() { select {} })
	default:
		t.Skip("DIE=test, DIE=job or DIE=timeout in the environment")
	}
	q.Close()
}
