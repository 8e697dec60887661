// Package bubble has goroutines in a bubble of testing/synctest.
package bubble

func boom() { println("PANIC"); panic("boom") }

// Start is called by a test.
func Start() { go boom() } // want "missing"
