package ignore

func risky() { panic("x") }

func use() {
	//lint:ignore lintpanics the process is about to end
	go risky()
	go risky() //lint:ignore lintpanics on the same line
	//lint:ignore SA1019,lintpanics together with another check
	go risky()

	/* want `this //lint:ignore has no reason` */ //lint:ignore lintpanics
	go risky()                                    // want `goroutine risky has no guard`

	/* want `this //lint:ignore takes no report away` */ //lint:ignore lintpanics nothing here
	println()

	//lint:ignore SA1019 of another linter
	go risky() // want `goroutine risky has no guard`

	/* want `takes no report away` */ //lint:ignore lintpanics too far away

	go risky() // want `goroutine risky has no guard`
}

//export lib_get
//lint:ignore lintpanics called by C only after a handler is set
func lib_get(p *int) int { return *p }
