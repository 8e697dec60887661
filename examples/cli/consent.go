package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// consent is the answer of the person who runs the tool. It is kept in a file, whose
// content is yes or no.
type consent struct {
	file    string
	isKnown bool
	given   atomic.Bool // the library asks from any goroutine, also in a panic
}

// loadConsent takes a file that it can not read for no answer.
func loadConsent(file string) *consent {
	c := &consent{file: file}
	text, err := os.ReadFile(file)
	c.isKnown = err == nil
	c.given.Store(string(text) == "yes")
	return c
}

// ask asks once. Whoever presses Enter, or has no terminal, says no.
func (c *consent) ask(in io.Reader, out io.Writer) error {
	fmt.Fprint(out, "May this tool send a report when it crashes? It has no names and no contents of files. [y/N] ")
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && err != io.EOF {
		return fmt.Errorf("ask: %w", err)
	}
	answer := "no"
	if line = strings.ToLower(strings.TrimSpace(line)); line == "y" || line == "yes" {
		answer = "yes"
	}
	if err := os.MkdirAll(filepath.Dir(c.file), 0o700); err != nil {
		return fmt.Errorf("remember the answer: %w", err)
	}
	if err := os.WriteFile(c.file, []byte(answer), 0o600); err != nil {
		return fmt.Errorf("remember the answer: %w", err)
	}
	c.isKnown = true
	c.given.Store(answer == "yes")
	return nil
}
