// Package lintpanics reports the goroutines whose panic would have no report.
//
// # Analyzer lintpanics
//
// lintpanics: report goroutines without a deferred guard
//
// A panic ends the whole process, and only a function deferred in the
// goroutine that panics can see it. The analyzer looks at everything that
// starts a goroutine (the go statement, sync.WaitGroup.Go, errgroup's Go and
// TryGo, singleflight's DoChan, time.AfterFunc, context.AfterFunc,
// runtime.AddCleanup and runtime.SetFinalizer, http.Server.RegisterOnShutdown,
// syscall.NewCallback, js.FuncOf, a function of an os.Signal that is given to
// another package, and what -starters adds) and wants a guard in what it runs.
//
// A guard is sentry.Recover or sentry.RecoverWithContext of
// github.com/panicreport/sentry, any function that calls recover itself and
// hands the value to sentry.RecoverError on every path, whatever its name and
// package, and what -guards adds. It counts where it is deferred itself, on
// every path, before anything that can panic.
//
// Wrong, each with a message of its own:
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
// Right:
//
//	go func() {
//		defer sentry.Recover()
//		work()
//	}()
//
//	func LogOnPanic() { // in any package: found, not named
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
// Named functions, methods, instances of generic functions, local function
// variables and function results are followed, through facts also into other
// packages, the dependencies and the standard library included. What cannot
// be seen is reported once, where it is started.
//
// An exported cgo function (//export, //go:wasmexport) is an entry point and
// wants a guard as a goroutine does. -methods and -funcs name more of them.
//
// # Limits
//
// The analyzer takes for safe only what the language promises: a call of a
// function that was seen to be safe, a receive, arithmetic without division,
// and the like. A nil check is not followed, so p.x can panic after
// "if p != nil" as before it. One call is taken for safe that is not always:
// a deferred sync.WaitGroup.Done ahead of the guard. It has to stand there,
// or Wait returns, and the process may end, before the panic is reported.
//
// A function deferred before the guard runs after it. If it can panic, its
// panic has no report, so it is reported as late: defer the guard first, or
// put close(ch) after it.
//
// A panic that some function recovers on its way is no business of the
// analyzer; neither is one that a guard sees but the reporter drops.
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
// A type with methods that something else calls and recovers, such as a
// JSON-RPC service of go-ethereum, is named by -methods: the server's own
// recover hides its panics from every guard outside.
//
// # Exceptions
//
// A comment on the line of a report, or on the one above, takes it away:
//
//	//lint:ignore lintpanics the child process has a reporter of its own
//	go serve()
//
// The reason is required, and a comment that takes nothing away is reported.
package lintpanics
