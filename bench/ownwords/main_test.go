package main

import "testing"

// TestProgram builds and runs the program that is measured: it is text until then.
func TestProgram(t *testing.T) {
	t.Chdir("..") // where the command is called
	if err := run([]string{"cannot open the ledger of %s", "the ledger has %d entries too many"}, "", 0, false); err != nil {
		t.Fatal(err)
	}
}
