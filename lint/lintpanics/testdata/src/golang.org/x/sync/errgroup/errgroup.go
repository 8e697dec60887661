// Package errgroup replaces the real package.
package errgroup

import "context"

type Group struct{ err error }

func WithContext(ctx context.Context) (*Group, context.Context) { return new(Group), ctx }
func (g *Group) Go(f func() error)                              { go func() { g.err = f() }() }
func (g *Group) TryGo(f func() error) bool                      { g.Go(f); return true }
func (g *Group) Wait() error                                    { return g.err }
