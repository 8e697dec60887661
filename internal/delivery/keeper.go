package delivery

import (
	"errors"
	"time"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/spool"
)

// errSurplus is the fate of a report whose place later ones have.
var errSurplus = errors.New("there is no more room in the spool")

// A keeper brings reports to the Store, and back.
type keeper struct{ *Sender }

// store stores a report that should be and is not.
func (k keeper) store(r *report) (err error) {
	if !r.keep || r.stored != nil {
		return nil
	}
	stored, err := k.target.Store.Put(r.id, r.envelope)
	if errors.Is(err, spool.ErrExists) { // by an earlier run, or in this moment by another process
		stored, err = k.target.Store.Claim(r.id)
	}
	k.holds(r, stored)
	if err != nil {
		k.target.Logger.Warn("sentry: report not stored", "event_id", r.id, "reason", err.Error())
	}
	return err
}

// holds notes what a worker has of the Store. Others count it meanwhile.
func (k keeper) holds(r *report, stored *spool.Report) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.stored = stored
}

// makeRoom holds the bound of the Store for what this process holds: the Store
// itself drops nothing that somebody is about to send.
func (k keeper) makeRoom() {
	if k.target.Store == nil {
		return
	}
	if oldest := k.queue.oldestStored(); oldest != nil && k.queue.stored() > k.target.Store.Most() {
		k.giveUp(oldest, spool.CacheOverflow, errSurplus)
	}
}

// resume queues what is stored and nobody has.
func (k keeper) resume() {
	defer contain.Panic()
	defer k.built()
	if !k.target.Allowed() {
		return // and no directory is made
	}
	store := k.target.Store
	k.warn("", store.Sweep())
	for k.ctx.Err() == nil {
		stored, err := store.Take()
		k.warn("", err)
		if stored == nil {
			break
		}
		k.requeue(stored, 0)
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
			k.requeue(stored, info.Wait)
		}
	}
}

func (k keeper) requeue(stored *spool.Report, wait time.Duration) {
	k.enqueue(&report{
		id:       stored.ID(),
		envelope: stored.Data(),
		attempts: stored.Attempts(),
		due:      time.Now().Add(wait),
		keep:     true,
		left:     true,
		stored:   stored,
	})
}
