package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// secondProcess takes over what the command idle prints.
func secondProcess(d *document) error {
	if runtime.GOOS != "linux" {
		d.paragraph("Not measured: idle reads /proc as Linux has it.")
		return nil
	}
	cmd := exec.Command("go", "run", "./idle")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("run idle: %w", err)
	}
	d.paragraph(strings.TrimSpace(string(out)))
	d.paragraph("Made by `cd bench/peers && go run ./idle`, whose comment says what the columns are. The programs have a heap of 50 MB, each of them " +
		"one reporter. Code and constants are pages of the executable: the program has nearly all of them, too, and the system may take them back at " +
		"any time. Private is what is free again when the process ends.")
	return nil
}
