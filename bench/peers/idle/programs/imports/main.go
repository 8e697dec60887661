// Command imports does the same as blocks, with sentry-go linked in and not started.
package main

import (
	"os"
	"strconv"

	"github.com/getsentry/sentry-go"
)

func main() {
	_, _ = os.Stdout.WriteString("up " + strconv.Itoa(os.Getpid()) + " 0\n")
	_, _ = os.Stdin.Read(make([]byte, 1))
	if len(os.Args) > 1 { // never; so that the linker keeps what Init needs
		_ = sentry.Init(sentry.ClientOptions{})
	}
}
