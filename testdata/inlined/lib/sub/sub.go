// Package sub has functions that are inlined into their callers, and return closures
// that are named after those.
package sub

// Wrap is the simplest of them.
func Wrap(f func()) func() { return func() { f() } }

// A T has methods of that kind.
type T struct{ f func() }

func New(f func()) *T { return &T{f} }

func Make(f func()) T { return T{f} }

func (t *T) Method() func() { return func() { t.f() } }

func (t T) Value() func() { return func() { t.f() } }

// A Generic has one too.
type Generic[V any] struct{ f func() }

func NewGeneric[V any](f func()) *Generic[V] { return &Generic[V]{f} }

func (g *Generic[V]) Call() func() { return func() { g.f() } }

// Typed is a generic function.
func Typed[V any](_ V, f func()) func() { return func() { f() } }

// Each is an iterator.
func Each(f func()) func(func(int) bool) { return func(yield func(int) bool) { f(); yield(1) } }

// Loop ranges over one.
func Loop(seq func(func(int) bool), f func()) {
	for range seq {
		f()
	}
}
