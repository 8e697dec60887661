package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/delivery"
	"github.com/panicreport/sentry/internal/spool"
	"github.com/panicreport/sentry/sentrytest"
)

// A unit is a Sender with a Store, and the server that it sends to.
type unit struct {
	*delivery.Sender
	server *sentrytest.Server
	store  *spool.Store
	clock  *clock // that of store
	dir    string
}

// A clock is one that the test sets.
type clock struct {
	now atomic.Pointer[func() time.Time]
}

func (c *clock) set(now func() time.Time) { c.now.Store(&now) }

func (c *clock) read() time.Time { return (*c.now.Load())() }

func newUnit(t *testing.T, change ...func(*delivery.Target)) unit {
	t.Helper()
	server := sentrytest.NewServer(t)
	c := &clock{}
	c.set(time.Now)
	dir := filepath.Join(t.TempDir(), "spool")
	store, err := spool.New(dir, spool.Options{Now: c.read, Wait: time.Minute})
	require.NoError(t, err)
	return restarted(t, unit{server: server, store: store, clock: c, dir: dir}, change...)
}

// end is that of a program.
func (u unit) end(ctx context.Context) error {
	u.Finish(ctx)
	return u.Close()
}

// restarted is what the next run of the program has.
func restarted(t *testing.T, u unit, change ...func(*delivery.Target)) unit {
	t.Helper()
	if u.Sender != nil {
		_ = u.Close()
	}
	to := target(u.server)
	to.Store = delivery.InSpool(u.store)
	for _, c := range change {
		c(&to)
	}
	u.Sender = newSender(t, to)
	return u
}

func (u unit) keep(n int) { u.Keep(eventID(n), eventEnvelope(eventID(n)), delivery.Crash) }

// stored returns the ids of what is in the store, the oldest first.
func (u unit) stored(t *testing.T) (ids []string) {
	t.Helper()
	infos, err := u.store.List()
	require.NoError(t, err)
	for _, info := range infos {
		ids = append(ids, info.ID)
	}
	return ids
}

// retry counts an attempt and gives the report back, as a process does that dies
// after it.
func retry(r *spool.Report, notBefore time.Time) error {
	return errors.Join(r.Attempted(notBefore), r.Release())
}

func (u unit) losses(t *testing.T) map[string]int64 {
	t.Helper()
	sum := map[string]int64{}
	for _, r := range u.server.ClientReports() {
		require.WithinDuration(t, time.Now(), r.Timestamp, time.Minute)
		for _, d := range r.Discarded {
			require.Equal(t, "error", d.Category)
			sum[d.Reason] += d.Quantity
		}
	}
	return sum
}

func TestStoredUntilAccepted(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	hold := make(chan struct{})
	u.server.Answer(sentrytest.Answer{Until: hold})
	u.keep(0)
	u.server.WaitAttempts(1)
	data, err := u.store.Read(eventID(0))
	require.NoError(t, err)
	require.Equal(t, eventEnvelope(eventID(0)), data)
	close(hold)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Empty(t, u.stored(t))
	require.Equal(t, data, u.server.Attempts()[0].Body, "the bytes that were stored")
}

// TestLossesAreTold: with the next delivery, as one client report.
func TestLossesAreTold(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	require.NoError(t, u.store.AddLost(map[spool.Reason]int{spool.CacheOverflow: 3, spool.NetworkError: 1}))
	u.server.Answer(sentrytest.Status(400), sentrytest.Accept())
	u.keep(0) // refused
	u.keep(1)
	require.Error(t, u.Flush(within(t, 10*time.Second)))
	u.keep(2)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Equal(t, map[string]int64{"cache_overflow": 3, "network_error": 1, "send_error": 1}, u.losses(t))
	u.keep(3)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.ClientReports(), len(u.server.Envelopes())-3, "told once")
	lost, err := u.store.TakeLost()
	require.NoError(t, err)
	require.Empty(t, lost)
}

// TestLossesThatCouldNotBeToldStay, over a restart too.
func TestLossesThatCouldNotBeToldStay(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	require.NoError(t, u.store.AddLost(map[spool.Reason]int{spool.CacheOverflow: 3}))
	u.server.Answer(sentrytest.Accept(), sentrytest.Status(500), sentrytest.Accept())
	u.keep(0)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Empty(t, u.losses(t))
	u = restarted(t, u)
	u.keep(1)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Equal(t, map[string]int64{"cache_overflow": 3}, u.losses(t))
}

func TestLossesWithoutAStoreAreTold(t *testing.T) {
	t.Parallel()
	server := sentrytest.NewServer(t)
	server.Answer(sentrytest.Status(403), sentrytest.Accept())
	s := newSender(t, target(server))
	for n := range 2 {
		s.Send(eventID(n), eventEnvelope(eventID(n)))
		s.Wait(within(t, 10*time.Second), eventID(n))
	}
	require.Error(t, s.Flush(within(t, 10*time.Second)))
	require.Equal(t, map[string]int64{"send_error": 1}, unit{server: server}.losses(t))
}

// TestOutageOverTheRuns: a program that is started every moment does not ask the
// server every moment, and sends everything once it is back.
func TestOutageOverTheRuns(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.Status(502))
	u.keep(0)
	u.Wait(within(t, 10*time.Second), eventID(0)) // until it is on disk, and the server has failed
	u.server.WaitAttempts(1)
	for range 50 {
		u = restarted(t, u)
		u.Resume()
		require.ErrorContains(t, u.end(within(t, 10*time.Second)), "in the spool")
	}
	require.Less(t, len(u.server.Attempts()), 20, "not one for each run")
	require.Equal(t, []string{eventID(0)}, u.stored(t))
	u.server.Answer(sentrytest.Accept())
	u = restarted(t, u)
	u.Resume()
	u.keep(1) // is as good as any to see that the server is back
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 2)
	require.Empty(t, u.stored(t))
	_, outage, err := u.store.Waits()
	require.NoError(t, err)
	require.Zero(t, outage)
}

// TestNoNetworkIsForgotten by the next run: it may be another place.
func TestNoNetworkIsForgotten(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Down()
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	for range 10 {
		u.Resume()
		require.ErrorContains(t, u.Flush(within(t, 400*time.Millisecond)), "connect: connection refused (1 stays in the spool")
		u = restarted(t, u)
	}
	infos, err := u.store.List()
	require.NoError(t, err)
	require.Len(t, infos, 1)
	require.Zero(t, infos[0].Attempts)
	require.NoError(t, u.server.Up())
	u.Resume()
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 1)
	require.Empty(t, u.stored(t))
}

// TestServerThatNeverAnswers is waited for once, and not by each run.
func TestServerThatNeverAnswers(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	u.server.Answer(sentrytest.Never())
	u.Resume()
	require.Error(t, u.end(within(t, 1500*time.Millisecond)))
	for range 3 {
		u = restarted(t, u)
		u.Resume()
		begin := time.Now()
		require.ErrorContains(t, u.end(within(t, 10*time.Second)), "1 stays in the spool")
		require.Less(t, time.Since(begin), time.Second)
	}
	u.server.Answer(sentrytest.Accept())
	require.NoError(t, u.Flush(within(t, 10*time.Second)), "a run that lives on sends it")
}

// TestSameIDAgain: the report of a run has the run's id, whoever makes it.
func TestSameIDAgain(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	u.keep(0)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 1)
	require.Empty(t, u.stored(t))
}

// TestOneDeliveryWakesTheOthers: those that met no server wait for no backoff.
func TestOneDeliveryWakesTheOthers(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Down()
	for n := range 3 {
		u.keep(n)
	}
	u.WaitAll(within(t, time.Second)) // until the next attempts are seconds away
	require.NoError(t, u.server.Up())
	u.keep(3)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 4)
}

// TestRateLimitHoldsOverRestarts: a program that crashes in a loop does not ask
// at each start.
func TestRateLimitHoldsOverRestarts(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]sentrytest.Answer{
		"429":              sentrytest.RateLimited(time.Hour),
		"429 for errors":   sentrytest.RateLimited(time.Hour, "error"),
		"accepted, though": {Header: http.Header{"X-Sentry-Rate-Limits": {"3600:error:key"}}},
		"503":              {Status: 503, Header: http.Header{"Retry-After": {"3600"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUnit(t)
			u.server.Answer(answer, sentrytest.Accept())
			u.keep(0)
			u.Wait(within(t, 5*time.Second), eventID(0))
			for n := range 3 {
				u = restarted(t, u)
				u.Resume()
				u.keep(n + 1)
				ctx := within(t, 10*time.Second)
				require.ErrorContains(t, u.Flush(ctx), "in the spool")
				require.NoError(t, ctx.Err(), "nobody waits for what will not come")
			}
			require.Len(t, u.server.Attempts(), 1)

			u.clock.set(func() time.Time { return time.Now().Add(2 * time.Hour) })
			u = restarted(t, u)
			u.Resume()
			require.NoError(t, u.Flush(within(t, 10*time.Second)))
			require.Len(t, u.server.Events(), 4)
		})
	}
}

func TestRateLimitForOthersDoesNotConcernReports(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.Answer{Header: http.Header{"X-Sentry-Rate-Limits": {"3600:transaction;session:key"}}})
	for n := range 2 {
		u.keep(n)
		require.NoError(t, u.Flush(within(t, 10*time.Second)))
	}
	require.Len(t, u.server.Events(), 2)
}

// TestClockThatIsSetBack: what an hour, or ten years, from now has stored is
// sent now.
func TestClockThatIsSetBack(t *testing.T) {
	t.Parallel()
	for _, jump := range []time.Duration{time.Hour, 10 * 365 * 24 * time.Hour} {
		u := newUnit(t)
		u.clock.set(func() time.Time { return time.Now().Add(jump) })
		u.server.Down()
		u.keep(0)
		u.Wait(within(t, time.Second), eventID(0))
		require.NoError(t, u.store.Pause(time.Now().Add(jump+48*time.Hour)))
		u = restarted(t, u)
		u.clock.set(time.Now)
		require.NoError(t, u.server.Up())
		u.Resume()
		require.NoError(t, u.Flush(within(t, 10*time.Second)))
		require.Len(t, u.server.Events(), 1)
	}
}

// TestThirtyStayBehind of a process that lives on while the server wants none: the
// others are in memory until it ends.
func TestThirtyStayBehind(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]sentrytest.Answer{"429": sentrytest.RateLimited(time.Hour), "502": sentrytest.Status(502)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUnit(t)
			u.server.Answer(answer)
			const n = spool.DefaultMaxReports + 20
			for i := range n {
				u.keep(i)
				u.Wait(within(t, 10*time.Second), eventID(i))
			}
			require.ErrorContains(t, u.Flush(within(t, 100*time.Millisecond)), "50 reports were not accepted")
			require.ErrorContains(t, u.end(within(t, 100*time.Millisecond)), "(30 stay in the spool, for the next run)")
			stored := u.stored(t)
			require.Len(t, stored, spool.DefaultMaxReports)
			for i := n - spool.DefaultMaxReports; i < n; i++ {
				require.Contains(t, stored, eventID(i), "the oldest go first")
			}
			lost, err := u.store.TakeLost()
			require.NoError(t, err)
			require.Equal(t, map[spool.Reason]int{spool.CacheOverflow: n - spool.DefaultMaxReports}, lost)
		})
	}
}

// TestBurstWithAStore is delivered whole while the server answers, whatever the
// store keeps.
func TestBurstWithAStore(t *testing.T) {
	t.Parallel()
	for name, latency := range map[string]time.Duration{"0": 0, "20 ms": 20 * time.Millisecond} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := newUnit(t)
			u.server.Answer(sentrytest.Answer{Delay: latency})
			const n = 500
			for i := range n {
				u.keep(i)
				require.LessOrEqual(t, len(u.stored(t)), spool.DefaultMaxReports)
			}
			require.NoError(t, u.Flush(within(t, time.Minute)))
			require.Len(t, u.server.Attempts(), n, "each once")
			require.Empty(t, u.stored(t))
			u.Close()
			lost, err := u.store.TakeLost()
			require.NoError(t, err)
			require.Empty(t, lost)
		})
	}
}

// TestFailureInABurst: one answer that is none costs no report.
func TestFailureInABurst(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.Accept(), sentrytest.Accept(), sentrytest.Status(502), sentrytest.Reset(), sentrytest.Accept())
	const n = 200
	for i := range n {
		u.keep(i)
	}
	require.NoError(t, u.Flush(within(t, time.Minute)))
	require.Len(t, u.server.Events(), n)
}

// TestWhoWaitsDuringAnOutage: the first waits for the server, the others for the
// disk only, until it has accepted one.
func TestWhoWaitsDuringAnOutage(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.Status(503))
	for n := range 5 {
		u.keep(n)
		ctx := within(t, 10*time.Second)
		begin := time.Now()
		u.Wait(ctx, eventID(n))
		require.NoError(t, ctx.Err())
		require.Less(t, time.Since(begin), 5*time.Second, "the disk only, and not the server")
		require.Contains(t, u.stored(t), eventID(n))
	}
	hold := make(chan struct{})
	u.server.Answer(sentrytest.Accept())
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	u.server.Answer(sentrytest.Answer{Until: hold})
	u.keep(5)
	waited := make(chan struct{})
	go func() { u.Wait(within(t, 10*time.Second), eventID(5)); close(waited) }()
	u.server.WaitAttempts(len(u.server.Attempts()) + 1)
	select {
	case <-waited:
		t.Error("the server answers again")
	default:
	}
	close(hold)
	<-waited
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Empty(t, u.stored(t))
}

// TestLeftToAnotherProcess: what is stored waits a moment for somebody else to send
// it, unless somebody waits for it.
func TestLeftToAnotherProcess(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.LeaveFor(time.Hour)
	u.keep(0)
	u.Wait(within(t, 10*time.Second), eventID(0))
	require.Equal(t, []string{eventID(0)}, u.stored(t))
	require.Empty(t, u.server.Attempts())
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 1)

	u.LeaveFor(10 * time.Millisecond)
	u.keep(1)
	u.server.WaitAttempts(2)

	u.LeaveFor(time.Hour)
	const n = 100
	for i := 2; i < n; i++ {
		u.keep(i)
	}
	u.server.WaitAttempts(n / 2) // more than may lie there go
	require.LessOrEqual(t, len(u.stored(t)), spool.DefaultMaxReports)
}

// TestSettledIsTold once for each report, before anybody has waited for it.
func TestSettledIsTold(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	told := map[string][]bool{}
	u := newUnit(t, func(to *delivery.Target) {
		to.Settled = func(id string, safe bool) {
			mu.Lock()
			defer mu.Unlock()
			told[id] = append(told[id], safe)
		}
	})
	toldOf := func(n int) []bool {
		mu.Lock()
		defer mu.Unlock()
		return told[eventID(n)]
	}
	u.keep(0)
	u.Wait(within(t, 10*time.Second), eventID(0))
	require.Equal(t, []bool{true}, toldOf(0))
	u.server.Answer(sentrytest.Status(403))
	u.Send(eventID(1), eventEnvelope(eventID(1)))
	u.Wait(within(t, 10*time.Second), eventID(1))
	require.Eventually(t, func() bool { return len(toldOf(1)) == 1 }, 10*time.Second, time.Millisecond)
	require.Equal(t, []bool{true}, toldOf(1), "nobody can do better")
	u.server.Answer(sentrytest.Status(503))
	u.keep(2)
	u.Wait(within(t, 10*time.Second), eventID(2))
	require.Equal(t, []bool{true}, toldOf(2), "on disk")
	u.Send(eventID(3), eventEnvelope(eventID(3)))
	u.Close()
	require.Equal(t, []bool{false}, toldOf(3))
	require.Len(t, toldOf(2), 1)
}

// TestEventsCrowdOutNoCrash: they have bounds of their own, in memory and on disk.
func TestEventsCrowdOutNoCrash(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Down()
	for i := range 10 {
		u.keep(i)
	}
	const n = 1100 // more than wait in memory
	for i := 10; i < n; i++ {
		u.Keep(eventID(i), eventEnvelope(eventID(i)), delivery.Event)
	}
	u.WaitStored(within(t, 10*time.Second), eventID(n-1))
	u.WaitAll(within(t, 100*time.Millisecond))
	u.Close()
	require.Len(t, u.stored(t), 10)
	events, err := u.store.Events.List()
	require.NoError(t, err)
	require.Len(t, events, spool.DefaultMaxReports)
	require.NoError(t, u.server.Up())
	u = restarted(t, u)
	u.Resume()
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 10+spool.DefaultMaxReports)
}

// TestReportsThatAreNotDueAreKnown to Flush, which would lie otherwise.
func TestReportsThatAreNotDueAreKnown(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, retry(r, time.Now().Add(time.Hour)))
	u.Resume()
	ctx := within(t, 10*time.Second)
	require.ErrorContains(t, u.Flush(ctx), "1 stays in the spool")
	require.NoError(t, ctx.Err())
	require.Empty(t, u.server.Attempts())
}

// TestFinishTriesWhatWasLeftOnce: a tool that is used offline is not slow.
func TestFinishTriesWhatWasLeftOnce(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	u.server.Down()
	u.Resume()
	ctx := within(t, 10*time.Second)
	begin := time.Now()
	require.ErrorContains(t, u.end(ctx), "1 stays in the spool")
	require.Less(t, time.Since(begin), 400*time.Millisecond, "shorter than the first backoff")
}

// TestStoredOnceTheDiskHasRoom: what Put refused is stored after a failed
// attempt.
func TestStoredOnceTheDiskHasRoom(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	require.NoError(t, os.MkdirAll(filepath.Dir(u.dir), 0o700))
	require.NoError(t, os.WriteFile(u.dir, nil, 0o600)) // in place of the directory
	u = restarted(t, u, func(to *delivery.Target) {
		to.Client = &http.Client{Transport: roundTripper(func(*http.Request) (*http.Response, error) {
			_ = os.Remove(u.dir) // the file; the directory that takes its place is not empty
			return nil, errors.New("no network")
		})}
	})
	u.keep(0)
	require.Eventually(t, func() bool {
		infos, err := u.store.List()
		return err == nil && len(infos) == 1
	}, 10*time.Second, time.Millisecond)
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestDirectoryThatIsRemovedWhileItWaits: the report is still in memory.
func TestDirectoryThatIsRemovedWhileItWaits(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.Status(500), sentrytest.Accept())
	u.keep(0)
	u.server.WaitAttempts(1)
	// The note of the failure may be written in this moment.
	require.Eventually(t, func() bool { return os.RemoveAll(u.dir) == nil }, 10*time.Second, time.Millisecond)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Events(), 1)
}

// TestWithoutConsentNoDirectoryIsMade.
func TestWithoutConsentNoDirectoryIsMade(t *testing.T) {
	t.Parallel()
	u := newUnit(t, func(to *delivery.Target) { to.Allowed = func() bool { return false } })
	u.Resume()
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.NoDirExists(t, u.dir)
}

// TestCloseIsBoundedByNoDisk: one that hangs, in a call that never returns.
func TestCloseIsBoundedByNoDisk(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	store, err := spool.New(u.dir, spool.Options{Now: u.clock.read})
	require.NoError(t, err)
	u.store = store
	u = restarted(t, u)
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	hang := make(chan struct{})
	defer close(hang)
	asked := make(chan struct{}, 100)
	u.clock.set(func() time.Time { asked <- struct{}{}; <-hang; return time.Now() })
	u.Resume()
	<-asked
	begin := time.Now()
	u.Close()
	require.Less(t, time.Since(begin), 3*time.Second)
}

// TestNameThatCanNotBeResolved is a fault of the network, as a resolver that
// hangs is.
func TestNameThatCanNotBeResolved(t *testing.T) {
	t.Parallel()
	for _, fault := range []error{
		&net.DNSError{Err: "no such host", Name: "o1.ingest.invalid", IsNotFound: true},
		&net.DNSError{Err: "server misbehaving", Name: "o1.ingest.invalid", IsTemporary: true},
	} {
		u := newUnit(t)
		down := true
		u = restarted(t, u, func(to *delivery.Target) {
			to.Client = &http.Client{Transport: &http.Transport{
				DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
					if down {
						return nil, &net.OpError{Op: "dial", Net: network, Err: fault}
					}
					return new(net.Dialer).DialContext(ctx, network, addr)
				},
			}}
		})
		u.keep(0)
		ctx := within(t, time.Second)
		u.Wait(ctx, eventID(0))
		require.NoError(t, ctx.Err())
		require.Equal(t, []string{eventID(0)}, u.stored(t))
		u.Close()
		down = false
		u = restarted(t, u)
		u.Resume()
		require.NoError(t, u.Flush(within(t, 10*time.Second)))
		require.Len(t, u.server.Events(), 1)
	}
}

// TestCloseTellsWhatStays: of reports that the storm before has not even brought to
// the disk, Close stores as many as there is room for, and its error says so.
func TestCloseTellsWhatStays(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	held, release := context.WithCancel(context.Background())
	defer release()
	u.server.Answer(sentrytest.Answer{Delay: time.Hour})
	const n = 3 * spool.DefaultMaxReports
	for i := range n {
		u.keep(i)
	}
	release()
	err := u.end(held) // at once
	require.ErrorContains(t, err, fmt.Sprintf("%d reports", n))
	text := err.Error()
	var stay int
	_, err = fmt.Sscanf(text[strings.LastIndex(text, "("):], "(%d stay", &stay)
	require.NoError(t, err, text)
	require.InDelta(t, len(u.stored(t)), stay, 2, "of which a disk that is slow may take two after Close has given it up")
}

// TestCloseCountsInTheEnd: the server goes on accepting reports while Close stores what is
// to stay, and Close does not count these as lost.
func TestCloseCountsInTheEnd(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.Answer{Delay: 10 * time.Millisecond})
	slow := make(chan struct{}) // the disk
	u.clock.set(func() time.Time { <-slow; return time.Now() })
	const n, meanwhile = 200, 100
	for i := range n {
		u.keep(i)
	}
	late, cancel := context.WithCancel(context.Background())
	cancel()
	u.Finish(late)
	closed := make(chan error, 1)
	go func() { closed <- u.Close() }()
	u.server.WaitAttempts(meanwhile)
	close(slow)
	lost := 0
	if err := <-closed; err != nil {
		_, err := fmt.Sscanf(err.Error(), "%d report", &lost)
		require.NoError(t, err)
	}
	const underWay = 32 // whose answers Close does not wait for
	require.LessOrEqual(t, lost, n-meanwhile+underWay)
	require.InDelta(t, n, len(u.server.Events())+lost, underWay)
}
