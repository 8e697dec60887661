package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/panicreport/sentry/lint/internal/finding"
	"github.com/panicreport/sentry/lint/internal/govet"
	"github.com/panicreport/sentry/lint/internal/guards"
	"github.com/panicreport/sentry/lint/internal/terms"
	"github.com/panicreport/sentry/lint/internal/tree"
)

// fixRounds is how often fixes are applied at most. Fixes that touch the same text
// wait for the next round, such as those of goroutines in goroutines. The deepest
// nesting in the code bases of the corpus needs three rounds.
const fixRounds = 10

// A fixing applies fixes in memory, round by round, and knows what not to fix.
type fixing struct {
	*runner
	tree    *tree.Tree
	guards  map[string]*guards.Guard // by the path of the package that a fix may import
	refused map[finding.Key]string   // why a finding is not fixed
	insert  string                   // the value of the flag that tells the analyzer the guard
}

// runFix applies fixes, and reports what is left. It writes no file before the go
// command has compiled all of them in memory.
func (r *runner) runFix() (int, error) {
	t, err := tree.New()
	if err != nil {
		return failed, err
	}
	defer t.Close()
	f := &fixing{runner: r, tree: t, guards: make(map[string]*guards.Guard), refused: make(map[finding.Key]string)}
	if err := f.findGuards(); err != nil {
		return failed, err
	}
	left, err := f.rounds()
	if err != nil {
		return failed, err
	}
	if r.diff {
		return f.showDiff(), nil
	}
	if err := t.Commit(); err != nil {
		return failed, err
	}
	return r.print(left), nil
}

// findGuards asks the go command about the guards that fixes may import: the first
// one of -guards that is a function, and package sentry.
func (f *fixing) findGuards() error {
	names := []guards.Name{{Path: terms.SentryPath, Func: "Recover"}}
	for _, s := range f.runner.guards {
		if name, err := guards.ParseName(s); err == nil && name.Type == "" {
			names = append(names, name)
			break
		}
	}
	for _, name := range names {
		g, err := guards.Find(f.build, name)
		if err != nil {
			return err
		}
		f.guards[name.Path] = g
		f.insert = strings.Join([]string{name.Path, g.Package, name.Func}, " ")
	}
	return nil
}

// rounds applies fixes until none is left, and returns the findings that remain.
func (f *fixing) rounds() ([]*finding.Finding, error) {
	left, err := f.look()
	if err != nil {
		return nil, err
	}
	for range fixRounds {
		before := f.tree.Snapshot()
		applied, err := f.tree.Apply(f.wanted(left))
		if err != nil {
			return nil, err
		}
		if len(applied) == 0 {
			break
		}
		next, err := f.look()
		for tries := 0; err != nil; tries++ {
			build, ok := errors.AsType[*govet.BuildError](err)
			if !ok || tries == fixRounds {
				return nil, err
			}
			f.undo(before, left, build)
			next, err = f.look()
		}
		left = next
	}
	f.explain(left)
	return left, nil
}

// look runs the linter on the files as they would be.
func (f *fixing) look() ([]*finding.Finding, error) {
	overlay, err := f.tree.Overlay()
	if err != nil {
		return nil, err
	}
	left, _, err := f.lint(&view{
		overlay:  overlay,
		original: f.tree.Original,
		flags:    []string{"-" + terms.InsertFlag + "=" + f.insert},
	})
	if build, ok := errors.AsType[*govet.BuildError](err); ok {
		build.Text = f.tree.OriginalNames(build.Text)
	}
	return left, err
}

// wanted returns the fixes that may be applied.
func (f *fixing) wanted(left []*finding.Finding) []*finding.Fix {
	var fixes []*finding.Fix
	for _, found := range left {
		if found.Fix == nil || f.refused[f.key(found)] != "" {
			continue
		}
		if why := f.importable(found); why != "" {
			f.refused[f.key(found)] = why
			continue
		}
		fixes = append(fixes, found.Fix)
	}
	return fixes
}

// key tells a finding in one round apart from others. The text of the line changes
// with a fix, so the keyer must not keep what it has read.
func (f *fixing) key(found *finding.Finding) finding.Key {
	return finding.Key{Category: found.Category, File: found.File, Function: found.Message}
}

// importSpec matches the import that a fix adds.
var importSpec = regexp.MustCompile(`^\s*(?:import )?(?:\w+ )?"([^"]+)"\s*$`)

// importable returns why the fix of a finding would not compile: it imports a package
// that this one must not import.
func (f *fixing) importable(found *finding.Finding) string {
	for _, e := range found.Fix.Edits {
		m := importSpec.FindStringSubmatch(e.New)
		if m == nil {
			continue
		}
		if g := f.guards[m[1]]; g != nil {
			if why := g.Importable(found.Package); why != "" {
				return why
			}
		}
	}
	return ""
}

// undo takes back what this round has changed in the files that do not compile any
// more. If the go command names none of them, all changes of the round are taken back.
func (f *fixing) undo(before tree.Snapshot, left []*finding.Finding, build *govet.BuildError) {
	var bad []string
	for _, name := range f.tree.Changed() {
		_, after := f.tree.Contents(name)
		if text, ok := before[name]; ok && bytes.Equal(text, after) {
			continue
		}
		if strings.Contains(build.Text, finding.Relative(f.dir, name)) || strings.Contains(build.Text, name) {
			bad = append(bad, name)
		}
	}
	if len(bad) == 0 {
		bad = f.tree.Changed()
	}
	why := "with the fix, the package does not compile: " + strings.ReplaceAll(firstError(build.Text), f.dir+string(filepath.Separator), "")
	for _, found := range left {
		if found.Fix != nil && slices.ContainsFunc(found.Fix.Edits, func(e finding.Edit) bool { return slices.Contains(bad, e.File) }) {
			f.refused[f.key(found)] = why
		}
	}
	f.tree.Restore(before, bad)
}

// firstError returns the first line of what the go command says that is no heading.
func firstError(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			return strings.TrimPrefix(line, "vet: ")
		}
	}
	return "unknown error"
}

// explain sets why each finding that is left has no fix.
func (f *fixing) explain(left []*finding.Finding) {
	for _, found := range left {
		switch why := f.refused[f.key(found)]; {
		case why != "":
			found.NoFix = why
		case found.Fix != nil && found.NoFix == "":
			found.NoFix = "there are still fixes after " + strconv.Itoa(fixRounds) + " rounds"
		}
	}
}

// showDiff prints the changes, and returns the exit status.
func (f *fixing) showDiff() int {
	changed := f.tree.Changed()
	for _, name := range changed {
		before, after := f.tree.Contents(name)
		rel := finding.Relative(f.dir, name)
		_, _ = os.Stdout.Write(tree.Diff("a/"+rel, "b/"+rel, before, after))
	}
	if len(changed) > 0 {
		return reported
	}
	return clean
}
