package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"os/exec"
	"path/filepath"
)

const relayVersion = "sentry-relay==0.10.1"

//go:embed relay.py
var relayProgram string

// A relayProcess removes what Relay removes with its default settings.
type relayProcess struct{ python string }

func newRelay() (*relayProcess, error) {
	venv := filepath.Join(scratch(), "venv")
	if out, err := exec.Command("python3", "-m", "venv", venv).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	python := filepath.Join(venv, "bin", "python")
	if out, err := exec.Command(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", relayVersion).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return &relayProcess{python}, nil
}

// scrub returns what Relay leaves of texts as messages of breadcrumbs, and as values
// of exceptions.
func (p *relayProcess) scrub(texts []string) (crumbs, values []string) {
	if p == nil {
		return nil, nil
	}
	in, _ := json.Marshal(texts)
	cmd := exec.Command(p.python, "-c", relayProgram)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.Output()
	var result [2][]string
	if err != nil || json.Unmarshal(out, &result) != nil || len(result[0]) != len(texts) {
		log.Fatalf("Relay: %v", err)
	}
	return result[0], result[1]
}
