// Package lintpanics defines an analyzer that finds goroutines whose panic
// nobody would report to Sentry.
//
// # Analyzer lintpanics
//
// lintpanics: report goroutines without a deferred guard
//
// A panic ends the whole process, and only a function that is deferred in the
// goroutine that panics can recover it. The analyzer looks at everything that
// starts a goroutine, and reports it if the function that it runs has no guard.
// These start goroutines:
//
//   - the go statement
//   - sync.WaitGroup.Go, and Go and TryGo of errgroup
//   - time.AfterFunc and context.AfterFunc
//   - runtime.AddCleanup and runtime.SetFinalizer
//   - http.Server.RegisterOnShutdown
//   - syscall.NewCallback and js.FuncOf
//   - a call that passes a function with an os.Signal as its parameter to
//     another package
//   - the functions that -starters adds
//
// A guard is one of these functions:
//
//   - sentry.Recover and sentry.RecoverWithContext of
//     github.com/panicreport/sentry
//   - any function that calls recover itself and passes the value to
//     sentry.RecoverError on every path, whatever its name and its package
//   - the functions that -guards adds
//
// A guard must be deferred directly, on every path, and before anything that
// can panic.
//
// These are wrong, and each has a message of its own:
//
//	go work()                                          // missing: work has no guard
//	go func() { work(); defer sentry.Recover() }()     // late: work can panic before
//	go func() { defer sentry.RecoverWithContext(s.ctx) // late: s.ctx can panic before
//	go func() { if ok { defer sentry.Recover() } … }() // conditional
//	go func() { sentry.Recover(); work() }()           // not-deferred: returns at once
//	go func() { defer func() { sentry.Recover() }() …  // nested: recover returns nil there
//	go func() { defer recover(); work() }()            // defer-recover: recovers nothing
//	go func() { recover(); work() }()                  // bare-recover: returns nil
//	go func() { defer func() { recover() }() … }()     // swallowed: nobody is told
//	go callback()                                      // unseen: a parameter, a field, an interface
//
// These are right:
//
//	go func() {
//		defer sentry.Recover()
//		work()
//	}()
//
//	func LogOnPanic() { // in any package, with any name
//		if r := recover(); r != nil {
//			log.Print(r)
//			sentry.RecoverError(r)
//			panic(r)
//		}
//	}
//
//	go func() {
//		defer wg.Done()
//		defer common.LogOnPanic()
//		work()
//	}()
//
//	sentry.Go(work)
//
//	go func() { <-done }() // cannot panic
//
// The analyzer follows named functions, methods, instances of generic functions,
// local function variables and function results. With facts, it also follows
// them into other packages, including the dependencies and the standard library.
// If it cannot see which function a goroutine runs, it reports that once, where
// the goroutine is started.
//
// An exported C function (//export, //go:wasmexport) is an entry point, and
// needs a guard as a goroutine does. -methods and -funcs add entry points.
//
// # Limits
//
// The analyzer regards as safe only what cannot panic by the rules of the
// language: a call of a function that it has seen to be safe, a receive,
// arithmetic without division, and so on. It does not follow nil checks, so for
// the analyzer p.x can panic after "if p != nil", too.
//
// It regards one call as safe that can panic: a deferred sync.WaitGroup.Done
// before the guard. That is the right place for it. After the guard, Done would
// run before the guard, Wait could return, and the process could end before the
// panic is reported.
//
// Any other function that is deferred before the guard runs after it. If that
// function can panic, nobody would report its panic, so the analyzer reports the
// guard as late. Defer the guard first, and close(ch) after it.
//
// The analyzer does not report a panic that another function recovers without a
// report, nor one that a guard recovers and the reporter then drops.
//
// # Flags
//
//	-starters pkg.Func:0,pkg.Type.Method:1  more functions that run that argument in a goroutine
//	-guards pkg.Func,pkg.Type.Method        more functions that report a panic when deferred
//	-methods pkg.Type,…                     exported methods of these types are entry points
//	-funcs regexp                           functions whose pkg.Func or pkg.Type.Method matches are entry points
//	-tests                                  look at _test.go files: their goroutines, tests and t.Run functions
//	-skip dir,…                             folders to leave out, from the module's root
//	-generated                              look at generated files too
//
// Use -methods for a type whose methods are called by a package that recovers
// their panics, such as a JSON-RPC service of go-ethereum. The server recovers
// the panic, so that no guard outside the method gets it.
//
// # Exceptions
//
// A comment on the line of a report, or on the line above it, suppresses the
// report:
//
//	//lint:ignore lintpanics the child process has a reporter of its own
//	go serve()
//
// The reason is required. The analyzer reports a comment that suppresses
// nothing.
package lintpanics
