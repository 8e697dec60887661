// Package yaml has an import path whose last element has a dot, which the
// linker escapes in the names of its functions.
package yaml

// Do calls f.
//
//go:noinline
func Do(f func()) { f() }

// Decoder is generic, so that a name has both an escape and an instance.
type Decoder[T any] struct{ v T }

// Go calls f in a goroutine.
//
//go:noinline
func (d *Decoder[T]) Go(f func()) { go func() { f() }() }
