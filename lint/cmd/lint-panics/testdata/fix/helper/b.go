package helper

import "os"

func other() {
	go func() { os.Remove(os.Args[1]) }()
}
