package rpc

type Base struct{ n *int }

func (b *Base) Promoted() int { return *b.n }
func (b *Base) Safe()         {}
