// Package govet runs go vet with the linter as its tool, and reads what it finds.
package govet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/lint/internal/finding"
	"github.com/panicreport/sentry/lint/internal/terms"
)

// A Command is a run of go vet. The go command keeps the facts about dependencies and
// the results in the build cache, and analyzes only what has changed.
type Command struct {
	Tool     string   // the executable of the linter
	Build    []string // flags of the go command, such as -tags
	Flags    []string // flags of the analyzer
	Packages []string
	OS       string                   // GOOS; empty: that of the environment
	Overlay  string                   // a file for the flag -overlay; empty: none
	Original func(file string) string // the file that an overlay replaces; nil: each file itself
	RawJSON  io.Writer                // also gets the output of the tool as it is; may be nil
}

// A BuildError tells that packages do not compile, or cannot be found. Text is what
// the go command says.
type BuildError struct{ Text string }

func (e *BuildError) Error() string { return strings.TrimSpace(e.Text) }

// Run runs go vet and returns what it finds. The error is a *BuildError if the
// packages cannot be analyzed.
func (c *Command) Run() ([]*finding.Finding, error) {
	args := append([]string{"vet"}, c.Build...)
	if c.Overlay != "" {
		args = append(args, "-overlay="+c.Overlay)
	}
	args = append(args, "-vettool="+c.Tool, "-json")
	args = append(append(args, c.Flags...), c.Packages...)
	cmd := exec.Command("go", args...)
	cmd.Env = Environ(c.OS)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return nil, &BuildError{stderr.String()}
	}
	if err != nil {
		return nil, fmt.Errorf("run go vet: %w", err)
	}
	if c.RawJSON != nil {
		if _, err := c.RawJSON.Write(stdout.Bytes()); err != nil {
			return nil, fmt.Errorf("write output of go vet: %w", err)
		}
	}
	return c.read(&stdout)
}

// Environ returns the environment for another GOOS. There is no C compiler for other
// systems on most machines.
func Environ(goos string) []string {
	env := os.Environ()
	if goos == "" {
		return env
	}
	env = append(env, "GOOS="+goos)
	if goos != runtime.GOOS {
		env = append(env, "CGO_ENABLED=0")
	}
	return env
}

// A diagnostic is one of the output of go vet -json, which is a sequence of
//
//	{"package": {"analyzer": [diagnostic, …]}}
//
// or, for a package that could not be analyzed, {"package": {"analyzer": {"error": …}}}.
type diagnostic struct {
	Category       string
	Posn, End      string
	Message        string
	SuggestedFixes []struct {
		Message string
		Edits   []struct {
			Filename   string
			Start, End int
			New        string
		}
	} `json:"suggested_fixes"`
	Related []struct{ Message string }
}

func (c *Command) read(r io.Reader) ([]*finding.Finding, error) {
	var all []*finding.Finding
	decoder := json.NewDecoder(r)
	for {
		var packages map[string]map[string]json.RawMessage
		if err := decoder.Decode(&packages); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("read output of go vet: %w", err)
		}
		for id, analyzers := range packages {
			found, err := c.readPackage(id, analyzers[terms.Analyzer])
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
	}
}

func (c *Command) readPackage(id string, raw json.RawMessage) ([]*finding.Finding, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var failed struct{ Error string }
	if json.Unmarshal(raw, &failed) == nil && failed.Error != "" {
		return nil, fmt.Errorf("analyze %s: %s", id, failed.Error)
	}
	var list []diagnostic
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("read output of go vet: %w", err)
	}
	path, _, _ := strings.Cut(id, " [")
	var all []*finding.Finding
	for _, d := range list {
		all = append(all, c.finding(strings.TrimSuffix(path, "_test"), d))
	}
	return all, nil
}

func (c *Command) finding(path string, d diagnostic) *finding.Finding {
	f := &finding.Finding{Package: path, Category: d.Category, Message: d.Message}
	f.File, f.Line, f.Column = position(d.Posn)
	_, f.EndLine, f.EndCol = position(d.End)
	f.File = c.original(f.File)
	for _, related := range d.Related {
		if why, ok := strings.CutPrefix(related.Message, terms.NoFix); ok {
			f.NoFix = why
		}
	}
	if len(d.SuggestedFixes) > 0 {
		first := d.SuggestedFixes[0]
		f.Fix = &finding.Fix{Message: first.Message}
		for _, e := range first.Edits {
			f.Fix.Edits = append(f.Fix.Edits, finding.Edit{File: c.original(e.Filename), Start: e.Start, End: e.End, New: e.New})
		}
	}
	return f
}

func (c *Command) original(file string) string {
	if abs, err := filepath.Abs(file); err == nil {
		file = abs
	}
	if c.Original != nil {
		return c.Original(file)
	}
	return file
}

// position parses file:line:column.
func position(posn string) (file string, line, column int) {
	rest, last := cutLast(posn)
	column, _ = strconv.Atoi(last)
	file, last = cutLast(rest)
	line, _ = strconv.Atoi(last)
	return file, line, column
}

func cutLast(s string) (before, after string) {
	i := strings.LastIndex(s, ":")
	if i < 0 {
		return s, ""
	}
	return s[:i], s[i+1:]
}
