package sentry

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/panics"
	"github.com/panicreport/sentry/internal/settings"
	"github.com/panicreport/sentry/internal/sourcelines"
	"github.com/panicreport/sentry/internal/symbol"
	"github.com/panicreport/sentry/internal/traceback"
)

const (
	// maxFrames is what a report holds. Sentry shows and groups by that many;
	// longer stacks are recursions, whose ends tell it all.
	maxFrames = 250

	// outerFrames of them are kept from the outer end: how the goroutine came
	// to be there. The rest is nearer to the panic.
	outerFrames = 50
)

// frameRules say what a frame is called, whose it is, and whether it is shown.
type frameRules struct {
	mainModule string   // import path prefix of the user's code, may be empty
	mainPath   string   // import path of package main
	inApp      []string // further prefixes
	guards     []string // the project's own helpers
	places     *symbol.Places
	sources    *sourcelines.Module // nil for none
}

// sourcesOf returns nil where no line of source may be shown.
func sourcesOf(environment string) *sourcelines.Module {
	if Production() || strings.EqualFold(environment, production) || mainModule().Path == "" {
		return nil
	}
	return mainSources()
}

// mainSources are one for the process, however often it comes to Init: they have a
// directory open.
var mainSources = sync.OnceValue(func() *sourcelines.Module { return sourcelines.New(mainModule().Path) })

func newFrameRules(guards, inApp []string, sources *sourcelines.Module) *frameRules {
	return &frameRules{
		mainModule: mainModule().Path,
		mainPath:   firstOf(buildInfo().Path, "main"),
		inApp:      inApp,
		guards:     guards,
		places:     symbol.NewPlaces(buildInfo(), panics.Callers()),
		sources:    sources,
	}
}

// Called turns a stack of this process into frames as Sentry wants them, the
// place of the panic last. It returns nil for a stack without a frame to show.
func (r *frameRules) Called(stack panics.Stack) *sentry.Stacktrace {
	if len(stack) == 0 {
		return nil
	}
	frames := make([]sentry.Frame, 0, min(len(stack), maxFrames)+8)
	files := make([]string, 0, cap(frames)) // as the compiler has noted them
	top := true
	for it := runtime.CallersFrames(stack); ; {
		f, more := it.Next()
		if frame, guard, ok := r.frame(f.Function, f.File, f.Line, frames); ok && !(top && guard) {
			frames, files = append(frames, frame), append(files, f.File)
			top = false
		}
		if !more {
			break
		}
	}
	if len(frames) == 0 {
		return nil
	}
	slices.Reverse(frames)
	slices.Reverse(files)
	r.sources.AddTo(frames, files)
	return shorten(frames)
}

// Printed is Called for the frames of a crash text, of which the runtime may have
// left out some: so many, before that with the index at.
func (r *frameRules) Printed(stack []traceback.Frame, elided, at int) *sentry.Stacktrace {
	frames := make([]sentry.Frame, 0, len(stack))
	inner := 0 // shown frames nearer to the crash than those left out
	top := true
	for i, f := range stack {
		if frame, guard, ok := r.frame(f.Function, f.File, f.Line, frames); ok && !(top && guard) {
			frames = append(frames, frame)
			top = false
		}
		if i+1 == at {
			inner = len(frames)
		}
	}
	if len(frames) == 0 {
		return nil
	}
	slices.Reverse(frames)
	st := shorten(frames)
	if elided > 0 && inner > 0 && st.FramesOmitted == nil {
		outer := uint(len(frames) - inner)
		st.FramesOmitted = []uint{outer, outer + uint(elided)}
	}
	return st
}

// shorten leaves out the middle of a stack that is too long.
func shorten(frames []sentry.Frame) *sentry.Stacktrace {
	omitted := len(frames) - maxFrames
	if omitted <= 0 {
		return &sentry.Stacktrace{Frames: frames}
	}
	kept := slices.Delete(frames, outerFrames, outerFrames+omitted)
	// Half-open, counted in the frames of the whole stack:
	// https://develop.sentry.dev/sdk/data-model/event-payloads/stacktrace/
	return &sentry.Stacktrace{
		Frames:        kept,
		FramesOmitted: []uint{outerFrames, uint(outerFrames + omitted)},
	}
}

// Frame is a single frame of a crash text.
func (r *frameRules) Frame(f traceback.Frame) (frame sentry.Frame, ok bool) {
	frame, _, ok = r.frame(f.Function, f.File, f.Line, nil)
	return frame, ok
}

// frame makes a frame of a symbol, such as
//
//	example.com/app/store.(*DB).Get	/home/x/app/store/db.go	42
//
// and tells whether it is a guard, and whether it is one that is ever shown.
// It serves both sources: program counters and the text of a crash. before are the
// frames that are made of the same stack.
func (r *frameRules) frame(name, file string, line int, before []sentry.Frame) (f sentry.Frame, guard, ok bool) {
	pkg, function := symbol.Split(name)
	if pkg == "" || hidden(pkg) {
		return sentry.Frame{}, false, false
	}
	dir := pkg
	if pkg == "main" {
		dir = r.mainPath
	}
	if owner, inlined, ok := r.inlined(dir, function, file); ok {
		if hidden(owner) {
			return sentry.Frame{}, false, false
		}
		pkg, dir, function = owner, owner, inlined
	}
	return sentry.Frame{
		Function: function,
		Module:   pkg,
		Filename: nameIn(dir, file, before),
		Lineno:   line,
		InApp:    r.IsInApp(pkg) && symbol.BaseName(file) != cgoFile,
	}, r.isGuard(pkg, dir, function), true
}

// nameIn is the name of a file of the package dir. Mostly it is there: as the end of the
// file's path, or as the name that the frame before has.
func nameIn(dir, file string, before []sentry.Frame) string {
	base := symbol.BaseName(file)
	texts := [2]string{file}
	if len(before) > 0 {
		texts[1] = before[len(before)-1].Filename
	}
	for _, text := range texts {
		if above, ok := strings.CutSuffix(text, base); ok && strings.HasSuffix(above, "/") && strings.HasSuffix(above[:len(above)-1], dir) {
			return text[len(above)-1-len(dir):]
		}
	}
	return dir + "/" + base
}

// inlined tells of a closure that the compiler has named after the function of
// package dir into which its own is inlined, what it is called and whose it is:
//
//	main.main.OnceValue[...].func1	/usr/local/go/src/sync/oncefunc.go
func (r *frameRules) inlined(dir, function, file string) (owner, name string, ok bool) {
	name, ok = symbol.Inlined(function)
	if !ok || r.places == nil {
		return "", "", false
	}
	owner, ok = r.places.PackageOf(file)
	if !ok || owner == strings.TrimSuffix(dir, "_test") || dir == ofFiles && symbol.HasPathPrefix(owner, r.mainModule) {
		return "", "", false
	}
	return owner, name, true
}

// ofFiles is the import path of a program that is built from a list of files.
const ofFiles = "command-line-arguments"

// cgoFile is what cgo makes of calls into C: nobody has written that.
const cgoFile = "_cgo_gotypes.go"

// ownPackage is this package's import path, also in a fork or an in-tree copy.
// The packages below ownInternal are its parts.
var (
	ownPackage  = reflect.TypeFor[frameRules]().PkgPath()
	ownInternal = ownPackage + "/internal"
)

// hidden tells of the packages whose frames no reader wants: the runtime's
// machinery, and the guards of this package.
func hidden(pkg string) bool {
	return symbol.IsRuntime(pkg) || pkg == ownPackage || symbol.HasPathPrefix(pkg, ownInternal)
}

// IsInApp tells whether a package is the user's own code.
func (r *frameRules) IsInApp(pkg string) bool {
	pkg = strings.TrimSuffix(pkg, "_test")
	if pkg == "main" || r.mainModule != "" && symbol.HasPathPrefix(pkg, r.mainModule) {
		return true
	}
	return slices.ContainsFunc(r.inApp, func(prefix string) bool {
		return symbol.HasPathPrefix(pkg, strings.TrimSuffix(prefix, "/"))
	})
}

// isGuard tells whether a function is one of WithGuards, or a literal in one:
// example.com/app/common.LogOnPanic, common.LogOnPanic.func1. For package main,
// dir is its import path.
func (r *frameRules) isGuard(pkg, dir, function string) bool {
	return slices.ContainsFunc(r.guards, func(guard string) bool {
		rest, ok := strings.CutPrefix(guard, dir+".")
		if !ok {
			rest, ok = strings.CutPrefix(guard, pkg+".")
		}
		return ok && (function == rest || strings.HasPrefix(function, rest+"."))
	})
}

// Tidy gives the frames of an event that sentry-go made the same form: there,
// in_app is wrong in a -trimpath build and abs_path names the build's folders.
func (r *frameRules) Tidy(st *sentry.Stacktrace) {
	if st == nil {
		return
	}
	for i := range st.Frames {
		f := &st.Frames[i]
		if f.Module == "" {
			f.AbsPath, f.Filename = "", symbol.BaseName(f.Filename)
			continue
		}
		file := firstOf(f.AbsPath, f.Filename)
		if own, _, ok := r.frame(f.Module+"."+f.Function, file, f.Lineno, nil); ok {
			f.Module, f.Function, f.Filename, f.InApp = own.Module, own.Function, own.Filename, own.InApp
		} else {
			f.Filename, f.InApp = f.Module+"/"+symbol.BaseName(file), false
		}
		f.AbsPath = ""
	}
}

// WithGuards names the project's own helpers, such as
// "example.com/app/common.LogOnPanic" or "example.com/app/must.(*T).Check".
// They, and the function literals in them, are trimmed from the top of a stack. One in
// package main may be "main.check" as well. [Init] returns an error for a name without
// the import path.
// By default, only this package's functions are.
func WithGuards(names ...string) Option {
	return optionFunc(func(c *config) {
		for _, name := range names {
			if !settings.IsFunction(name) {
				c.fail(fmt.Sprintf("WithGuards: %q has no import path: want example.com/app/must.Check", name))
			}
		}
		c.guards = append(c.guards, names...)
	})
}

// WithInApp adds import path prefixes whose frames are the user's own code, for
// example "example.com/ours". A prefix ends at a slash: it does not cover
// "example.com/ours2". [Init] returns an error for what is no import path. By default, the main module is, and nothing else.
func WithInApp(prefixes ...string) Option {
	return optionFunc(func(c *config) {
		for _, prefix := range prefixes {
			if !settings.IsImportPath(prefix) {
				c.fail(fmt.Sprintf("WithInApp: %q is no import path: want example.com/ours", prefix))
			}
		}
		c.inApp = append(c.inApp, prefixes...)
	})
}
