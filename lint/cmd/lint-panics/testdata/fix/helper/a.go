package helper

import (
	"example.com/fix/common"
)

func risky(n int) { println(1 / n) }

func good(n int) {
	defer common.LogOnPanic()
	risky(n)
}

func use(n int) {
	go good(n)
	go func() { risky(n) }()
}
