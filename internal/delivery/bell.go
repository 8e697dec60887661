package delivery

// A bell wakes those who wait for a change of the queue. Most of them are guards, and
// each of these waits for one report: in a storm there are a thousand, and what becomes
// of the other reports is nothing to wake them for. It has no lock.
type bell struct {
	all chan struct{}            // closed with each change; nil while nobody waits
	one map[string]chan struct{} // the same for a report
}

// changes returns what is closed when something changes, or with an id, when something
// may have changed for that report.
func (b *bell) changes(id string) <-chan struct{} {
	if id == "" {
		if b.all == nil {
			b.all = make(chan struct{})
		}
		return b.all
	}
	if b.one[id] == nil {
		if b.one == nil {
			b.one = make(map[string]chan struct{})
		}
		b.one[id] = make(chan struct{})
	}
	return b.one[id]
}

// ring tells of a change that concerns all: of the server, or of the time.
func (b *bell) ring() {
	b.ringFor("")
	for id := range b.one {
		b.ringFor(id)
	}
}

// ringFor tells of a change that concerns one report, or with "", none that waits.
func (b *bell) ringFor(id string) {
	if b.all != nil {
		close(b.all)
		b.all = nil
	}
	if c := b.one[id]; c != nil {
		close(c)
		delete(b.one, id)
	}
}
