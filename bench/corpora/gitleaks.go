package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

const gitleaksModule = "github.com/zricethezav/gitleaks/v8@v8.30.1"

// validate takes the place of the function to which each of gitleaks' rules gives its
// examples: it prints them, with the secrets that the rule finds.
const validate = `package utils

import (
	"encoding/json"
	"os"
	"strings"

	"github.com/zricethezav/gitleaks/v8/config"
	"github.com/zricethezav/gitleaks/v8/detect"
)

func show(r *config.Rule, path, text string) {
	for i, k := range r.Keywords {
		r.Keywords[i] = strings.ToLower(k)
	}
	keywords := map[string]struct{}{}
	for _, k := range r.Keywords {
		keywords[k] = struct{}{}
	}
	d := detect.NewDetector(config.Config{Rules: map[string]config.Rule{r.RuleID: *r}, Keywords: keywords})
	secrets := []string{}
	for _, f := range d.Detect(detect.Fragment{Raw: text, FilePath: path}) {
		secrets = append(secrets, f.Secret)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"rule": r.RuleID, "text": text, "secrets": secrets})
}

func Validate(rule config.Rule, tps []string, _ []string) *config.Rule {
	for _, t := range tps {
		show(&rule, "", t)
	}
	return &rule
}

func ValidateWithPaths(rule config.Rule, tps map[string]string, _ map[string]string) *config.Rule {
	for path, t := range tps {
		show(&rule, path, t)
	}
	return &rule
}
`

// gitleaks returns the examples of gitleaks' rules.
func gitleaks(string) (examples []example, err error) {
	out, err := exec.Command("go", "mod", "download", "-json", gitleaksModule).Output()
	var module struct{ Dir string }
	if err != nil || json.Unmarshal(out, &module) != nil {
		return nil, fmt.Errorf("download %s: %w", gitleaksModule, err)
	}
	dir := scratch()
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS(module.Dir)); err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "cmd/generate/config/utils/validate.go")
	if err := os.Remove(file); err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, []byte(validate), 0o600); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "run", ".", filepath.Join(dir, "out.toml"))
	cmd.Dir, cmd.Stderr = filepath.Join(dir, "cmd/generate/config"), os.Stderr
	if out, err = cmd.Output(); err != nil {
		return nil, fmt.Errorf("run gitleaks' rules: %w", err)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Rule, Text string
			Secrets    []string
		}
		if json.Unmarshal(lines.Bytes(), &e) == nil && len(e.Secrets) > 0 && isText(e.Text) {
			examples = append(examples, example{e.Rule, e.Text, e.Secrets})
		}
	}
	return examples, nil
}
