package funcs

import "github.com/panicreport/sentry"

func HandleA(p *int) int { // want `entry point HandleA has no guard`
	return *p
}

func HandleB(p *int) int {
	defer sentry.Recover()
	return *p
}

func Other(p *int) int { return *p }

type T struct{}

func (T) HandleC(p *int) int { return *p } // want `entry point T.HandleC has no guard`

//export lib_get
func lib_get(p *int) int { return *p } // want `exported C function lib_get has no guard`

// lib_put does a thing.
//
//export lib_put
func lib_put(p *int) {
	defer sentry.Recover()
	*p = 1
}

//export lib_version
func lib_version() int { return 1 }
