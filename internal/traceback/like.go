package traceback

import "unsafe"

// settle ends the stack of a goroutine. If an earlier goroutine has the same stack,
// it counts there and is not kept itself: of 10,000 goroutines, 9,800 usually wait
// in the same place, and the others are what a reader looks for. The first goroutine
// is never one of a crowd, since it is the one that died.
func (p *parser) settle() {
	g := p.g
	if g == nil {
		return
	}
	p.g, p.frames = nil, nil
	spare := g == &p.spare
	if !spare && len(p.sums) == len(p.d.Goroutines) {
		return // one of before, whose stack came later: see resume
	}
	var sum uint64
	if len(p.sums) > 0 && len(g.Frames) > 0 {
		sum = sumOf(g)
		for i, known := range p.sums {
			if known == sum && i > 0 && isLike(&p.d.Goroutines[i], g) {
				join(&p.d.Goroutines[i], g)
				p.release(g, spare)
				return
			}
		}
	}
	if spare {
		p.d.Dropped++
		p.release(g, spare)
		return
	}
	p.sums = append(p.sums, sum)
}

// release takes back the memory of a goroutine that is not kept: the spare one, or
// the last of the dump.
func (p *parser) release(g *Goroutine, spare bool) {
	p.kept -= len(g.Frames) * int(unsafe.Sizeof(Frame{}))
	p.spare.Frames, p.creator = g.Frames[:0], g.CreatedBy
	if !spare {
		p.d.Goroutines = p.d.Goroutines[:len(p.d.Goroutines)-1]
	}
}

// join counts g with kept, which has the same stack.
func join(kept, g *Goroutine) {
	kept.Like++
	kept.Wait = max(kept.Wait, g.Wait)
	for name, value := range kept.Labels {
		if g.Labels[name] != value {
			delete(kept.Labels, name)
		}
	}
}

// isLike reports whether two goroutines do the same: the arguments of their calls
// and how long they have waited can differ.
func isLike(a, b *Goroutine) bool {
	if a.State != b.State || a.LockedToThread != b.LockedToThread || a.Leaked != b.Leaked || a.Bubble != b.Bubble ||
		a.Elided != b.Elided || a.ElidedAt != b.ElidedAt || len(a.Frames) != len(b.Frames) || (a.CreatedBy == nil) != (b.CreatedBy == nil) {
		return false
	}
	for i, f := range a.Frames {
		if !isSame(f, b.Frames[i]) {
			return false
		}
	}
	return a.CreatedBy == nil || isSame(*a.CreatedBy, *b.CreatedBy)
}

func isSame(a, b Frame) bool {
	return a.Line == b.Line && a.Function == b.Function && a.File == b.File
}

// sumOf is equal for goroutines with equal stacks, and rarely for others.
func sumOf(g *Goroutine) uint64 {
	sum := uint64(len(g.Frames))
	for _, f := range g.Frames {
		sum = sum*31 + uint64(f.Line)
		sum = sum*31 + uint64(len(f.Function))
	}
	return sum*31 + uint64(len(g.State))
}
