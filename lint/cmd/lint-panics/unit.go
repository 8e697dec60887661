package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/panicreport/sentry/lint/internal/terms"
)

// unit prepares the process for the one package that go vet wants analyzed. go vet
// passes the test files of a package with it. To read and check their types takes
// half of the memory and of the time in many packages. Unless they are wanted, unit
// removes them from the .cfg file.
//
// They are wanted with -tests and -alltests, and if there may be fixes, because a function that
// only tests call is not only called by goroutines.
func unit() {
	var config string
	for _, arg := range os.Args[1:] {
		name, value, _ := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		switch {
		case strings.HasSuffix(arg, ".cfg"):
			config = arg
		case (name == "tests" || name == "alltests" || name == "fix") && value != "false", name == terms.InsertFlag:
			return
		}
	}
	if config == "" {
		return
	}
	if err := withoutTests(config); err != nil {
		fmt.Fprintf(os.Stderr, "lint-panics: %v\n", err)
		os.Exit(1)
	}
}

// withoutTests removes the test files from a .cfg file of go vet. If nothing is left,
// as in the package of the external tests, there is nothing to do, and the process
// ends.
func withoutTests(config string) error {
	text, err := os.ReadFile(config)
	if err != nil {
		return fmt.Errorf("read configuration of go vet: %w", err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return fmt.Errorf("read configuration of go vet: %w", err)
	}
	var files []string
	if err := json.Unmarshal(fields["GoFiles"], &files); err != nil {
		return fmt.Errorf("read configuration of go vet: %w", err)
	}
	var kept []string
	for _, name := range files {
		if !strings.HasSuffix(name, "_test.go") {
			kept = append(kept, name)
		}
	}
	switch len(kept) {
	case len(files):
		return nil
	case 0:
		return finish(fields)
	}
	if fields["GoFiles"], err = json.Marshal(kept); err != nil {
		return fmt.Errorf("write configuration of go vet: %w", err)
	}
	if text, err = json.Marshal(fields); err != nil {
		return fmt.Errorf("write configuration of go vet: %w", err)
	}
	if err := os.WriteFile(config, text, 0o600); err != nil {
		return fmt.Errorf("write configuration of go vet: %w", err)
	}
	return nil
}

// finish writes the files that go vet expects, without facts and reports, and ends
// the process.
func finish(fields map[string]json.RawMessage) error {
	for _, field := range []string{"VetxOutput", "Stdout"} {
		var name string
		if err := json.Unmarshal(fields[field], &name); err != nil || name == "" {
			continue
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			return fmt.Errorf("write result for go vet: %w", err)
		}
	}
	os.Exit(0)
	return nil
}
