// Command program does what its argument says, and ends with status 7.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	roles[os.Args[1]]()
	os.Exit(7)
}

var roles = map[string]func(){
	"nothing": func() {},
	"both": func() {
		for range 100 {
			fmt.Fprintln(os.Stdout, "out")
			fmt.Fprintln(os.Stderr, "err")
		}
	},
	"environment": func() { fmt.Println(strings.Join(os.Environ(), "\n")) },
	"echo": func() {
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			fmt.Println("you say", lines.Text())
		}
		fmt.Print("this line has no end")
	},
	"wait": func() {
		fmt.Println("up")
		_, _ = io.Copy(io.Discard, os.Stdin)
	},
}
