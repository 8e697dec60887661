package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/panicreport/sentry/bench/peers/protocol"
)

// victim builds the program that dies, once. It has the libraries and nothing else:
// the goroutines of a benchmark's own dependencies would hide a deadlock.
var victim = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "peers-")
	if err != nil {
		return "", err
	}
	exe := filepath.Join(dir, "victim")
	build := exec.Command("go", "build", "-trimpath", "-o", exe, "./victim") // as it runs at its users: without its sources
	build.Env = append(os.Environ(), "CGO_ENABLED=0")                        // with cgo, the runtime sees no deadlock
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the victim: %w: %s", err, out)
	}
	return exe, nil
})

var errEndless = errors.New("did not end")

// A child is a victim to be run.
type child struct {
	task, library string
	url, dir      string
	count         int
	patience      time.Duration // then it is killed
}

func (c child) run() (o protocol.Outcome, err error) {
	exe, err := victim()
	if err != nil {
		return o, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, exe)
	cmd.Env = append(os.Environ(), protocol.Task+"="+c.task, protocol.Library+"="+c.library, protocol.URL+"="+c.url,
		protocol.Dir+"="+c.dir, fmt.Sprint(protocol.Count, "=", c.count))
	cmd.WaitDelay = time.Second // a second process may hold the pipe
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return o, fmt.Errorf("%w in %s", errEndless, c.patience)
	}
	if c.task != protocol.Report && c.task != protocol.Storm {
		return o, nil // it died, as it should
	}
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return o, fmt.Errorf("%s with %s: %w", c.task, c.library, err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return o, json.Unmarshal([]byte(lines[len(lines)-1]), &o)
}
