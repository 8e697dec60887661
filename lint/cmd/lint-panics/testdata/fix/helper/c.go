package helper

import (
	"os"
	"strings"
)

func third() {
	go func() { os.Remove(strings.ToLower(os.Args[1])) }()
}
