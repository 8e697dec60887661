// Package protocol is what the command peers and its victims have to agree on.
package protocol

import "time"

// The variables that tell a victim what to do.
const (
	Task    = "PEERS_TASK" // Report, Storm, Init, or one of Ways
	Library = "PEERS_LIBRARY"
	URL     = "PEERS_URL"
	Dir     = "PEERS_DIR"
	Count   = "PEERS_COUNT"
)

// The tasks that are no deaths.
const (
	Report = "report"
	Storm  = "storm"
	Init   = "init"
)

// Ours begins the name of each row of this library.
const Ours = "this library"

// The libraries.
const (
	SentryGo        = "sentry-go, synchronous transport"
	SentryGoFlush   = "sentry-go, Flush"
	Bugsnag         = "bugsnag-go, synchronous"
	BugsnagProcess  = "bugsnag-go with its second process"
	Rollbar         = "rollbar-go, synchronous"
	Panicwrap       = "panicwrap"
	OursPlain       = Ours
	OursSpool       = Ours + ", spool"
	OursOwnWords    = Ours + ", own words"
	OursWithMonitor = Ours + ", spool and monitor"
)

// The ways to die.
const (
	Guarded   = "a panic under a guard"
	Unguarded = "a panic in a goroutine without a guard"
	Maps      = "concurrent map writes"
	Deadlock  = "a deadlock"
	Fault     = "a fault: a write where nothing may be written"
	Overflow  = "stack overflow"
	Abort     = "SIGABRT from outside"
	Exit      = "os.Exit(1): nothing is to be told"
)

// Ways are all of them.
var Ways = []string{Guarded, Unguarded, Maps, Deadlock, Fault, Overflow, Abort, Exit}

// An Outcome is what a victim tells as JSON, in the last line of its output.
type Outcome struct {
	Times       []time.Duration // from a panic until the program goes on
	Whole       time.Duration
	Allocations float64 // for one report
	Bytes       float64 // allocated, for one report
	Peak        int64   // resident bytes
	Slower      float64 // how much slower the rest of the program was
	Lost        int     // as the library says at the end
}
