// Command optin is a program whose user can switch the reporting of crashes on and
// off while it runs. It is off until the user switches it on:
//
//	SENTRY_DSN=https://key@o1.ingest.sentry.io/2 go run ./optin
//
// A program that you ship to others should have its DSN built in and pass it to
// sentry.WithDSN. Otherwise, somebody who sets the variable would receive its
// reports.
package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/panicreport/sentry"
)

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "optin:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	file, err := settingsFile()
	if err != nil {
		return err
	}
	answer, err := loadConsent(file)
	if err != nil {
		log.Print(err) // reporting is off, because the user's choice is not known
	}
	// The program calls Init whatever the user has chosen. It is tempting to call
	// Init when the user agrees, and Close when not. But with WithConsent, a
	// change takes effect at once, even for a report that is being made. When the
	// user no longer agrees, reports that wait for the network are removed.
	err = sentry.Init(
		sentry.WithDefaultEnvironmentDSN(),
		sentry.WithConsent(answer.given.Load),
	)
	if err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	return loop(answer, in, out)
}

// loop takes the place of the windows and menus of a real program.
func loop(answer *consent, in io.Reader, out io.Writer) error {
	commands := bufio.NewScanner(in)
	for prompt(answer, out); commands.Scan(); prompt(answer, out) {
		switch command := commands.Text(); command {
		case "on", "off":
			if err := answer.set(command == "on"); err != nil {
				fmt.Fprintln(out, "your choice does not last:", err)
			}
		case "crash":
			crash(nil)
		case "quit":
			return nil
		default:
			fmt.Fprintf(out, "there is no command %q\n", command)
		}
	}
	return commands.Err()
}

func prompt(answer *consent, out io.Writer) {
	state := "off"
	if answer.given.Load() {
		state = "on"
	}
	fmt.Fprintf(out, "Reporting of crashes is %s. on, off, crash or quit?\n", state)
}

// crash writes to a nil map.
func crash(opened map[string]bool) {
	opened["document"] = true
}
