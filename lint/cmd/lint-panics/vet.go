package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// fixRounds is how often -fix is applied at most. If fixes of a file cannot be
// merged, some are left for the next round. No program has needed more than two
// rounds so far.
const fixRounds = 5

// vet runs go vet with this program as the tool and returns the exit status. With
// -fix, it applies fixes, and then reports what is left.
func vet(args []string) int {
	self, err := os.Executable()
	if err != nil {
		fmt.Fprintf(os.Stderr, "lint-panics: find own executable: %v\n", err)
		return 2
	}
	isFix := func(arg string) bool {
		name := strings.TrimLeft(arg, "-")
		return arg != name && (name == "fix" || name == "fix=true")
	}
	if !slices.ContainsFunc(args, isFix) {
		return goVet(self, args)
	}
	if slices.Contains(args, "-diff") || slices.Contains(args, "--diff") {
		return goVet(self, args)
	}
	for range fixRounds {
		if goVet(self, args) == 0 {
			break
		}
	}
	return goVet(self, slices.DeleteFunc(args, isFix))
}

func goVet(self string, args []string) int {
	cmd := exec.Command("go", append([]string{"vet", "-vettool=" + self}, args...)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := cmd.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "lint-panics: run go vet: %v\n", err)
		return 2
	}
	return 0
}
