package pool

type Pool struct{}

func (p *Pool) Submit(f func()) { go f() }
