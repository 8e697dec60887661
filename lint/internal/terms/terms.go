// Package terms has the names on which the analyzer and the command lint-panics have
// agreed.
package terms

// Analyzer is the name of the analyzer in the output of go vet.
const Analyzer = "lintpanics"

// SentryPath is the package whose guards the analyzer knows by name.
const SentryPath = "github.com/panicreport/sentry"

// InsertFlag is the flag of the analyzer by which the command says which guard fixes
// insert, after it has asked the go command whether the guard exists. With it, a
// diagnostic without a fix says why there is none.
const InsertFlag = "insert"

// NoFix begins the related information that tells why a diagnostic has no fix. It is
// only there with InsertFlag, because not every driver shows it well.
const NoFix = "no fix: "

// AroundCall begins the message of a fix that changes nothing but the place of the
// finding: it puts a function literal around a call.
const AroundCall = "start it in a function that defers "

// Categories are the categories of the diagnostics, with their meanings.
var Categories = map[string]string{
	"missing":       "A goroutine has no guard.",
	"late":          "Something can panic before the guard of a goroutine is deferred.",
	"conditional":   "A goroutine defers its guard on some paths only.",
	"early":         "Others are told that the goroutine has ended before its guard reports the panic.",
	"exits":         "A deferred call ends the process or the goroutine before the guard reports the panic.",
	"not-deferred":  "A guard is called instead of deferred.",
	"nested":        "A guard is called by a deferred function, where recover returns nil.",
	"defer-recover": "recover is deferred itself, and recovers nothing.",
	"bare-recover":  "recover is called outside of a deferred function, and returns nil.",
	"swallowed":     "A panic is recovered and not reported on every path.",
	"unseen":        "The function that the goroutine runs cannot be seen.",
	"ignore":        "A lint:ignore comment has no reason or suppresses nothing.",
}
