// Command blocks does nothing but wait: the least that a process in Go can cost. It
// waits in a read and not in select{}, which the runtime would take for a deadlock.
package main

import (
	"os"
	"strconv"
)

func main() {
	_, _ = os.Stdout.WriteString("up " + strconv.Itoa(os.Getpid()) + " 0\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
}
