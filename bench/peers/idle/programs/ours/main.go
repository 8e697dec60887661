// Command ours has this library as its reporter.
package main

import (
	"errors"
	"io"
	"os"
	"os/exec"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/bench/peers/idle/program"
)

// reader makes this executable the second process of the way OnlyReads.
const reader = "IDLE_READER"

func main() {
	if os.Getenv(reader) != "" {
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	program.Run(map[string]func() error{
		program.OursAlone:  func() error { return start() },
		program.OnlyReads:  func() error { return errors.Join(startReader(), start()) },
		program.Monitor:    func() error { return start(sentry.WithCrashMonitor()) },
		program.Supervisor: func() error { return start(sentry.WithSupervisor()) },
	})
	if pipe != nil {
		_ = pipe.Close()
	}
}

func start(opts ...sentry.Option) error {
	return sentry.Init(append(opts, sentry.WithDSN(program.DSN), sentry.WithRelease(program.Release))...)
}

// pipe is the program's end of the pipe to the reader.
var pipe *os.File

func startReader() error {
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer r.Close()
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), reader+"=1")
	cmd.Stdin, pipe = r, w
	return cmd.Start()
}
