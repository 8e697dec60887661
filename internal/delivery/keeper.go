package delivery

import (
	"errors"
	"slices"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/spool"
)

// A keeper brings reports to the disk, and back.
type keeper struct{ *Sender }

// run stores r, and then what else there is to store.
func (k keeper) run(r *report) {
	defer contain.Panic()
	for r != nil {
		k.store(r)
		k.mu.Lock()
		r = k.queue.toStore(time.Now())
		if r != nil && k.ctx.Err() == nil {
			r.storing = time.Now()
		} else {
			r = nil
			k.storers--
		}
		k.start()
		k.mu.Unlock()
	}
}

// store stores a report, without the lock: it is slow.
func (k keeper) store(r *report) {
	store := k.target.Store.shelf(r.kind)
	stored, err := store.Put(r.id, r.envelope)
	if errors.Is(err, spool.ErrExists) { // by an earlier run, or in this moment by another process
		stored, err = store.Claim(r.id)
		if err == nil && stored == nil { // another process has it
			err = spool.ErrExists
		}
	}
	if err != nil && !errors.Is(err, spool.ErrExists) {
		k.target.Logger.Warn("sentry: report not stored", "event_id", r.id, "reason", err.Error())
	} else {
		clerk(k).tellSafe(r) // before whoever waits for it
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	r.storing = time.Time{}
	r.spoiled = err != nil
	switch {
	case stored == nil:
	case k.queue.waiting[r.id] != r: // it was delivered, or withdrawn, meanwhile
		k.mu.Later(func() { clerk(k).warn(r.id, stored.Remove()) }) // its fate is settled
	default:
		r.stored = stored
		if k.leaveFor > 0 && k.queue.onDisk(r.kind) < k.queue.most[r.kind]/2 {
			r.hold = time.Now().Add(k.leaveFor)
		}
		k.crowdOut()
	}
	k.bell.ringFor(r.id)
}

// crowdOut holds the bound of the Store for what this process holds: the Store
// itself drops nothing that somebody is about to send. What goes from the disk
// stays in memory while there is room.
func (k keeper) crowdOut() {
	for r := k.queue.crowdedOut(); r != nil; r = k.queue.crowdedOut() {
		stored := r.stored
		r.stored, r.keep = nil, false
		if r.left { // it has waited long enough
			k.mu.Later(func() { clerk(k).warn(r.id, stored.Drop(r.kind.lost(spool.CacheOverflow))) })
			clerk(k).settle(r, fate{err: errSurplus})
			continue
		}
		k.mu.Later(func() { clerk(k).warn(r.id, stored.Remove()) })
		k.bell.ringFor(r.id)
	}
}

// storeRest stores what is to be on disk when this process ends.
func (k keeper) storeRest() {
	for {
		k.mu.Lock()
		var next *report
		for kind, most := range k.queue.most {
			for _, r := range k.queue.newest(kind, most) {
				if next == nil && r.isStorable() {
					next = r
				}
			}
		}
		if next != nil {
			next.storing = time.Now()
		}
		k.mu.Unlock()
		if next == nil || k.ctx.Err() != nil {
			return
		}
		k.store(next)
	}
}

// resume queues what is stored and nobody has.
func (k keeper) resume(building string) {
	defer k.resumed(building)
	if !k.target.Allowed() {
		return // and no directory is made
	}
	some, err := k.target.Store.Stored()
	clerk(k).warn("", err)
	for _, kind := range slices.Backward(some) {
		k.resumeKind(kind)
	}
}

// resumed lets nobody wait for resume any more.
func (k keeper) resumed(building string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.building, building)
	k.bell.ring()
}

func (k keeper) resumeKind(kind Kind) {
	store := k.target.Store.shelf(kind)
	for k.ctx.Err() == nil {
		stored, err := store.Take()
		clerk(k).warn("", err)
		if stored == nil {
			break
		}
		k.requeue(stored, kind, 0)
	}
	infos, err := store.List()
	if err != nil {
		return // and told by Take
	}
	for _, info := range infos {
		if info.Wait == 0 || k.ctx.Err() != nil {
			continue // somebody else has it
		}
		if stored, err := store.Claim(info.ID); err == nil && stored != nil {
			k.requeue(stored, kind, info.Wait)
		}
	}
}

func (k keeper) requeue(stored stored, kind Kind, wait time.Duration) {
	k.enqueue(&report{
		id:       stored.ID(),
		envelope: stored.Data(),
		kind:     kind,
		keep:     true,
		left:     true,
		tries:    stored.Attempts(),
		attempts: stored.Attempts(),
		due:      time.Now().Add(wait),
		stored:   stored,
	})
}
