package lintpanics

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// harmless are functions of the standard library that do not panic, although their
// bodies do not show it: they have none in Go, or end in the runtime. What ends the
// process without a panic, such as unlocking a Mutex that is not locked, is harmless
// here, because no guard would see it.
var harmless = names{
	"os.Exit":                true,
	"os.Remove":              true,
	"os.RemoveAll":           true,
	"path.Join":              true,
	"path/filepath.Join":     true,
	"runtime.NumGoroutine":   true,
	"runtime.ReadMemStats":   true,
	"runtime.Gosched":        true,
	"runtime.LockOSThread":   true,
	"runtime.UnlockOSThread": true,
	"runtime.GC":             true,
	"runtime.KeepAlive":      true,
	"sync.Cond.Broadcast":    true,
	"sync.Cond.Signal":       true,
	"sync.Mutex.Lock":        true,
	"sync.Mutex.TryLock":     true,
	"sync.Mutex.Unlock":      true,
	"sync.RWMutex.Lock":      true,
	"sync.RWMutex.RLock":     true,
	"sync.RWMutex.RUnlock":   true,
	"sync.RWMutex.TryLock":   true,
	"sync.RWMutex.TryRLock":  true,
	"sync.RWMutex.Unlock":    true,
	"time.After":             true,
	"time.Duration.Hours":    true,
	"time.Duration.Minutes":  true,
	"time.Duration.Round":    true,
	"time.Duration.Seconds":  true,
	"time.Duration.Truncate": true,
	"time.NewTimer":          true,
	"time.Now":               true,
	"time.Since":             true,
	"time.Sleep":             true,
	"time.Time.Add":          true,
	"time.Time.After":        true,
	"time.Time.Before":       true,
	"time.Time.Equal":        true,
	"time.Time.IsZero":       true,
	"time.Time.Sub":          true,
	"time.Time.Unix":         true,
	"time.Time.UnixMilli":    true,
	"time.Time.UnixNano":     true,
	"time.Until":             true,
	"sync/atomic.Value.Load": true,
}

// atomicMayPanic are the functions of sync/atomic that panic for some arguments.
// Value panics for nil, and for a value of another type than the one before.
var atomicMayPanic = names{
	"sync/atomic.Value.Store":          true,
	"sync/atomic.Value.Swap":           true,
	"sync/atomic.Value.CompareAndSwap": true,
}

// clocks are functions of the runtime that other packages call as one of their own, which
// has a comment and no body:
//
//	//go:linkname nanotime runtime.nanotime
//	func nanotime() int64
var clocks = names{"runtime.cputicks": true, "runtime.nanotime": true, "runtime.walltime": true}

// isClock reports whether decl is one of the clocks.
func isClock(decl *ast.FuncDecl) bool {
	return decl.Body == nil && decl.Doc != nil && slices.ContainsFunc(decl.Doc.List, func(comment *ast.Comment) bool {
		words := strings.Fields(comment.Text)
		return len(words) == 3 && words[0] == "//go:linkname" && words[1] == decl.Name.Name && clocks[words[2]]
	})
}

// isHarmless reports whether a call of fn cannot panic because of what fn is. A
// method that gets a pointer as its receiver does, if the pointer is nil. So the
// receiver has to be a variable, as in
//
//	var n atomic.Int64
//	go func() { n.Add(1) }()
func (c *checker) isHarmless(call *ast.CallExpr, fn *types.Func) bool {
	name := fullName(fn)
	if strings.HasPrefix(name, "sync/atomic.") {
		return !atomicMayPanic[name] && c.takesVariables(call, fn)
	}
	return harmless[name] && c.takesVariables(call, fn)
}

// takesVariables reports whether the pointer that a call passes, as the receiver or
// as the first argument, is known not to be nil.
func (c *checker) takesVariables(call *ast.CallExpr, fn *types.Func) bool {
	recv := fn.Signature().Recv()
	if recv == nil {
		params := fn.Signature().Params()
		return params.Len() == 0 || !isPointer(params.At(0).Type()) || c.isNonNil(call.Args[0])
	}
	if !isPointer(recv.Type()) {
		return true
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	s := c.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	return !throughPointer(s) && (!isPointer(s.Recv()) || c.isNonNil(sel.X))
}

func isPointer(t types.Type) bool {
	_, ok := types.Unalias(t).Underlying().(*types.Pointer)
	return ok
}
