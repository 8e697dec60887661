package panics

import (
	"reflect"
	"strconv"
	"strings"
)

// maxChain is more errors than any honest chain wraps, and few enough to read.
const maxChain = 32

// A Link is an error of a chain.
type Link struct {
	Err    error
	Parent int    // index of the error that wraps it
	Source string // how that names it: "unwrap", "cause", "errors[0]"
	Group  bool   // it wraps several
}

// The sources of links, in the words of Sentry's exception groups.
const (
	sourceUnwrap = "unwrap"
	sourceCause  = "cause"
	sourceErrors = "errors[]"
)

// IsChained tells whether value may wrap errors. It calls no method.
func IsChained(value any) bool {
	switch value.(type) {
	case interface{ Unwrap() []error }, interface{ Unwrap() error }, interface{ Cause() error }:
		_, ok := value.(error)
		return ok
	default:
		return false
	}
}

// Chain lists the errors that value wraps, depth first, value itself first: at
// most 32, and none twice. It is empty for a value that is no error. It calls
// methods of value, which may not return.
func Chain(value any) (links []Link) {
	err, ok := value.(error)
	if !ok {
		return nil
	}
	seen := make(map[identity]bool)
	var walk func(l Link)
	walk = func(l Link) {
		if len(links) >= maxChain || l.Err == nil || isSeen(seen, l.Err) {
			return
		}
		id := len(links)
		links = append(links, l)
		wrapped, source := unwrap(l.Err)
		links[id].Group = source == sourceErrors
		for i, err := range wrapped {
			walk(Link{Err: err, Parent: id, Source: strings.Replace(source, "[]", "["+strconv.Itoa(i)+"]", 1)})
		}
	}
	walk(Link{Err: err})
	return links
}

// An identity is the type of an error and its address: a struct and its first
// field have the same address.
type identity struct {
	t reflect.Type
	p uintptr
}

// isSeen knows errors by their address: others can not make a cycle. Nor can
// those without a size, which all have the same address.
func isSeen(seen map[identity]bool, err error) bool {
	v := reflect.ValueOf(err)
	if v.Kind() != reflect.Pointer || v.Type().Elem().Size() == 0 {
		return false
	}
	id := identity{v.Type(), v.Pointer()}
	known := seen[id]
	seen[id] = true
	return known
}

// unwrap asks an error for those that it wraps, and how they are called.
func unwrap(err error) (wrapped []error, source string) {
	defer func() { _ = recover() }()
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		return e.Unwrap(), sourceErrors
	case interface{ Unwrap() error }:
		return []error{e.Unwrap()}, sourceUnwrap
	case interface{ Cause() error }:
		return []error{e.Cause()}, sourceCause
	default:
		return nil, ""
	}
}
