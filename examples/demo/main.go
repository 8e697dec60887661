// Command demo runs processes that crash in different ways, and shows the reports
// that arrive at a Sentry server. The server is part of the command, so it needs no
// account, and nothing leaves the machine:
//
//	go run ./demo
//
// The exit status is 0 if every report arrived exactly once, with the expected
// content and without a secret.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

func main() {
	var err error
	if len(os.Args) == 3 && os.Args[1] == "die" {
		err = die(os.Args[2])
	} else {
		err = demo(os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// die runs in the child. It uses the library as any program does.
func die(name string) error {
	d, err := deathNamed(name)
	if err != nil {
		return err
	}
	log.SetFlags(0) // without the time, which is of no interest here
	opts := []sentry.Option{
		sentry.WithDefaultEnvironmentDSN(),
		sentry.WithContext("demo", "v1.0.0"),
		// As on the machine of a user: a development build also shows lines of its
		// source, and the secrets of this demo are written there.
		sentry.WithEnvironment("production"),
	}
	if d.unseen {
		opts = append(opts, sentry.WithCrashMonitor())
	}
	if err := sentry.Init(opts...); err != nil {
		return err
	}
	lived := make(chan struct{})
	sentry.Go(func() {
		d.run()
		close(lived)
	})
	<-lived
	return sentry.Close()
}

func deathNamed(name string) (death, error) {
	i := slices.IndexFunc(deaths, func(d death) bool { return d.name == name })
	if i < 0 {
		return death{}, fmt.Errorf("there is no death %q", name)
	}
	return deaths[i], nil
}

const introduction = `Each process below has crashed. It shows what the process printed itself, and
the report as it arrived at a Sentry server inside this program.

`

// demo runs in the parent.
func demo(out io.Writer) error {
	server, err := sentrytest.Start()
	if err != nil {
		return err
	}
	defer server.Close()
	if _, err := fmt.Fprint(out, introduction); err != nil {
		return err
	}
	var failed []error
	died := 0
	for i, d := range deaths {
		o, err := observe(server, d)
		if err != nil {
			return err
		}
		if o.status != 0 {
			died++
		}
		if err := check(d, o); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", d.heading, err))
		}
		if _, err := io.WriteString(out, page(i+1, d, o)); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "%d deaths, %d panic survived, %d reports\n", died, len(deaths)-died, len(server.Events()))
	return errors.Join(append(failed, err)...)
}

// An outcome is the result of a process.
type outcome struct {
	status  int
	printed string
	reports []*sentrytest.Event
}

// patience is the time limit for a child, in case it hangs. A child takes about
// 20 ms.
const patience = time.Minute

// observe runs a child that crashes. It has to wait only for the report of a
// monitor. A guard does not let the panic go on before the server has accepted the
// report.
func observe(server *sentrytest.Server, d death) (outcome, error) {
	self, err := os.Executable()
	if err != nil {
		return outcome{}, err
	}
	before := len(server.Events())
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	child := exec.CommandContext(ctx, self, "die", d.name)
	child.Env = append(os.Environ(),
		sentry.DefaultEnvVarDSN+"="+server.DSN(),
		"SENTRY_ENVIRONMENT=demo",
		"DO_NOT_TRACK=", // nothing leaves the machine, so the user's setting need not apply
		"GOTRACEBACK=single",
	)
	var printed bytes.Buffer
	child.Stdout, child.Stderr = &printed, &printed
	err = child.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return outcome{}, fmt.Errorf("start %s: %w", d.name, err)
	}
	if d.unseen {
		if _, err := server.WaitContext(ctx, before+1); err != nil {
			return outcome{}, err
		}
	}
	return outcome{
		status:  child.ProcessState.ExitCode(),
		printed: printed.String(),
		reports: server.Events()[before:],
	}, nil
}

// check returns an error if the outcome is not as expected.
func check(d death, o outcome) error {
	if o.status != d.status {
		return fmt.Errorf("the process ended with status %d, not %d", o.status, d.status)
	}
	if len(o.reports) != 1 {
		return fmt.Errorf("%d reports arrived, not 1", len(o.reports))
	}
	event := o.reports[0]
	x := event.Exception()
	switch {
	case x.Type != d.typ || !strings.HasPrefix(x.Value, d.value):
		return fmt.Errorf("the title is %q, not %q", event.Title(), d.typ+": "+d.value)
	case event.Top().Function != d.top:
		return fmt.Errorf("the function on top is %q, not %q", event.Top().Function, d.top)
	case !event.Unhandled():
		return errors.New("the report is not marked unhandled")
	}
	for key, value := range d.tags {
		if event.Tags[key] != value {
			return fmt.Errorf("the tag %s is %q, not %q", key, event.Tags[key], value)
		}
	}
	for _, s := range d.secrets {
		if bytes.Contains(event.Raw, []byte(s.text)) {
			return fmt.Errorf("the report contains the %s", s.what)
		}
	}
	return nil
}
