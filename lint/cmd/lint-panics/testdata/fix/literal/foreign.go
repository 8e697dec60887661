package literal

import (
	"fmt"

	"example.com/fix/common"
)

func foreign(n int) {
	go fmt.Println("x", n)
	go common.Loop(n, "x")
	go func() { common.Loop(n, "x") }()
}
