package attempts

import (
	"fmt"
	"log"
	"os"

	"github.com/panicreport/sentry"
)

func risky() { fmt.Println(os.Args[1]) }

func attempts(debug bool) {
	go func() {
		risky()
		defer sentry.Recover()
		risky()
	}()
	go func() {
		sentry.Recover()
		risky()
	}()
	go func() {
		defer func() { sentry.Recover() }()
		risky()
	}()
	go func() {
		defer func() {
			log.Print("end")
			sentry.Recover()
		}()
		risky()
	}()
	go func() {
		defer recover() // no panic
		risky()
	}()
	go func() {
		recover()
		risky()
	}()
	go func() {
		if debug {
			defer sentry.Recover()
		}
		risky()
	}()
	go func() {
		defer func() {
			if r := recover(); r != nil {
				log.Print(r)
			}
		}()
		risky()
	}()
	go func() {
		risky()
		defer sentry.RecoverWithContext(nil)
		risky()
	}()
}
