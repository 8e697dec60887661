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
//   - a call of a function of another module that runs an argument in a
//     goroutine: directly, through what it calls, or through a queue from which
//     a goroutine takes it; also if the call goes through an interface
//   - a function to which a field of another module's struct is set, if a
//     goroutine of that module calls it: http.Transport.DialContext,
//     exec.Cmd.Cancel, httptrace.ClientTrace.GotFirstResponseByte. It is reported
//     if its code is in this module
//   - what ends in the runtime: time.AfterFunc, context.AfterFunc,
//     runtime.AddCleanup, runtime.SetFinalizer, http.Server.RegisterOnShutdown,
//     syscall.NewCallback, js.FuncOf
//   - a call that passes a function with an os.Signal as its parameter to
//     another package
//   - the functions that -starters adds
//
// Some libraries recover the panic themselves, and write a log line or return an
// error. Nobody reports such a panic, so the analyzer reports the call as
// swallowed. Others hand the panic on to the goroutine that waits, where a guard
// can see it; conc does, and singleflight.Do. What the analyzer cannot read from the
// code of a library, it knows by name, for the standard library and for conc, ants,
// gopool, oklog/run, cron, workerpool and pond: starters.go has the list, with the
// source of each fact.
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
// can panic. But it must be deferred after what tells others that the goroutine has
// ended. Deferred calls run from the last to the first: if wg.Done runs before the
// guard, main goes on, and the process may end with status 0 before the panic is
// reported.
//
// These are wrong, and each has a message of its own:
//
//	go work()                                          // missing: work has no guard
//	go func() { work(); defer sentry.Recover() }()     // late: work can panic before
//	go func() { defer sentry.RecoverWithContext(s.ctx) // late: s.ctx can panic before
//	go func() { if ok { defer sentry.Recover() } … }() // conditional
//	go func() { defer sentry.Recover(); defer wg.Done(); … }() // early: Wait returns before the report
//	go func() { defer sentry.Recover(); defer os.Exit(1); … }() // exits: no report; so does Fatal of log, logrus, zap, klog
//	sentry.Go(func() { defer wg.Done(); … })           // early: the guard of sentry.Go runs after Done
//	go func() { sentry.Recover(); work() }()           // not-deferred: returns at once
//	go func() { defer func() { sentry.Recover() }() …  // nested: recover returns nil there
//	go func() { defer recover(); work() }()            // defer-recover: recovers nothing
//	go func() { recover(); work() }()                  // bare-recover: returns nil
//	go func() { defer func() { recover() }() … }()     // swallowed: nobody is told
//	go func() { defer sentry.Recover(); defer quiet(); … }() // swallowed: quiet recovers before the guard
//	ants.Submit(work)                                  // swallowed: ants recovers, and nobody is told
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
// function results, and functions in variables and fields that only this package
// can set: local variables, unexported ones, and in package main all. The same goes for
// the methods of an interface in such a variable or field. With facts, it also follows
// functions into other packages, including the dependencies and the standard library.
// If it cannot see which function a goroutine runs, it reports that once, where
// the goroutine is started.
//
// An exported C function (//export, //go:wasmexport) is an entry point, and
// needs a guard as a goroutine does. So is a method that the package registers with
// net/rpc, which calls it in a goroutine. -methods and -funcs add entry points.
//
// # Limits
//
// The analyzer regards as safe only what cannot panic by the rules of the
// language: a call of a function that it has seen to be safe, a receive,
// arithmetic without division, and so on. It knows that p.x cannot panic if p is a
// variable that is never set again, and the code before has dereferenced p, has
// compared it with nil, or has set it to the address of something new. It also knows
// that of a parameter if every call of an unexported function passes such a pointer.
// It does not know it of fields: for the analyzer, p.x.y can panic after
// "if p.x != nil", too. A send is safe only if the channel is made for a local
// variable, and everything that gets it from there can only receive from it.
//
// A guard in a variable or a field counts as a guard on some paths only if the package
// declares the variable, or makes the struct, without setting it: to defer a nil
// function is a panic when the goroutine ends. For the same reason, a call of a function
// in such a variable or field can panic. What tests set does not count, nor does a
// struct of an exported type that another package makes. The analyzer does not know what
// parameters hold, exported fields, and elements of slices and maps. So if a guard is
// called through an interface that is passed to a constructor, name the method with
// -guards.
//
// It regards calls before the guard as safe that only tell others that the goroutine
// has ended, although some can panic: a deferred wg.Done, close(done), cancel, a
// send. That is the right place for them, and for a function that recovers. Any other
// function that is deferred before the guard runs after it. If that function can panic,
// nobody would report its panic, so the analyzer reports the guard as late. What an
// unknown function recovers that is deferred after the guard, it does not see. One that
// recovers, and panics again on some path, is right there: the guard gets what it does
// not want, and the rest counts as settled.
//
// It takes wg.Done, however deep in the calls, for the end of a goroutine, and
// close, a send, cancel, Broadcast and Release only if the goroutine itself, or the
// function to which it hands over with its last statement, defers them. What the
// goroutine makes for a variable of its own, such as a channel, tells nobody, even if it
// hands that on. A flag that another goroutine reads again and again, and a Mutex for
// which it waits, count as nothing.
//
// A function may be passed to a method of an interface, to a field or to a parameter
// that runs it in a goroutine with a guard. The analyzer knows this of the types and
// values in this package and, for methods, of those in the packages that it imports.
//
// A method that a library calls through an interface that it keeps is not followed:
// exec.Cmd.Stdin and Stdout, the body of an http.Request, a handler that is registered
// by a name. Nor is a hook that a package calls in a goroutine that another package has
// started, such as those of tls.Config in a handshake of http.Transport; it knows those
// of httptrace.ClientTrace by name.
//
// A function of the same module that starts its parameter is not a starter: its go
// statement is reported, as unseen. Name it with -starters to have its callers
// reported instead. The analyzer does not tell two queues of the same type apart. If a
// library recovers the panics of what it takes from a queue, the analyzer reports that
// only of functions that have at most a context as their parameter and at most an error
// as their result: a panic of others, such as a handler of requests, has an answer.
//
// A function of a plugin can not be seen, and runs in the goroutine of the program that
// calls it: a go statement with it is reported in the program.
//
// A goroutine that recovers and sends the value to a channel, from which the package
// receives a value to panic with it, hands the panic on, and so is right.
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
//	-tests                                  look at _test.go files too, for guards that do not work and panics that nobody sees
//	-alltests                               as -tests, and for goroutines without a guard
//	-skip dir,…                             folders to leave out, from the module's root
//	-generated                              look at generated files too
//
// In -guards, pkg.Type.Method may be a method of an interface. In -starters,
// pkg.Func:0:recovers is a function that recovers the panic and tells nobody,
// pkg.Func:0:reports one that reports the panic or hands it on, so that its argument
// needs no guard, and pkg.Func:0.Run one that calls the method Run of its argument.
// What -starters says of a function replaces what the analyzer knows of it.
//
// A goroutine of a test that panics ends the test binary with its panic's text, and
// so needs no guard. But a panic that a goroutine of a test recovers, or that comes
// after wg.Done, can make a test pass: -tests finds these.
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
