package delivery_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
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
	store, err := spool.New(dir, spool.Options{Now: c.read})
	require.NoError(t, err)
	return restarted(t, unit{server: server, store: store, clock: c, dir: dir}, change...)
}

// restarted is what the next run of the program has.
func restarted(t *testing.T, u unit, change ...func(*delivery.Target)) unit {
	t.Helper()
	if u.Sender != nil {
		u.Close()
	}
	to := target(u.server)
	to.Store = u.store
	for _, c := range change {
		c(&to)
	}
	u.Sender = newSender(t, to)
	return u
}

func withoutBackoff(to *delivery.Target) { *to = delivery.WithoutBackoff(*to) }

func (u unit) keep(n int) { u.Keep(eventID(n), eventEnvelope(eventID(n))) }

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
func retry(r *spool.Report, notBefore time.Time) (kept bool, err error) {
	kept, err = r.Attempted(notBefore)
	return kept, errors.Join(err, r.Release())
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

// TestFiveAttemptsOverTheRuns, however often the program is started.
func TestFiveAttemptsOverTheRuns(t *testing.T) {
	t.Parallel()
	u := newUnit(t, withoutBackoff)
	u.server.Answer(sentrytest.Status(500), sentrytest.Status(500), sentrytest.Never())
	u.keep(0)
	u.server.WaitAttempts(3)
	u.server.Answer(sentrytest.Status(500))
	u = restarted(t, u, withoutBackoff) // the third was broken off, and does not count
	u.Resume()
	require.Error(t, u.Flush(within(t, 10*time.Second)))
	require.Len(t, u.server.Attempts(), 3+3)
	require.Empty(t, u.stored(t))
	u.server.Answer(sentrytest.Accept())
	u.keep(1)
	require.NoError(t, u.Flush(within(t, 10*time.Second)))
	require.Equal(t, map[string]int64{"network_error": 1}, u.losses(t))
}

// TestNoServerUsesUpNoAttempts: an answer that is missing because there is no
// network says nothing about the report.
func TestNoServerUsesUpNoAttempts(t *testing.T) {
	t.Parallel()
	u := newUnit(t, withoutBackoff)
	u.server.Down()
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	require.NoError(t, r.Release())
	for range 2 * spool.MaxAttempts {
		u.Resume()
		require.ErrorContains(t, u.Flush(within(t, 50*time.Millisecond)), "1 stay in the spool")
		u = restarted(t, u, withoutBackoff)
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
				require.ErrorContains(t, u.Flush(ctx), "stay in the spool")
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

// TestThirtyAreKeptWhileTheServerIsDown, by a process that lives on.
func TestThirtyAreKeptWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	u.server.Answer(sentrytest.RateLimited(time.Hour))
	const n = spool.DefaultMaxReports + 20
	for i := range n {
		u.keep(i)
	}
	require.ErrorContains(t, u.Flush(within(t, 10*time.Second)), "30 stay in the spool")
	stored := u.stored(t)
	require.Len(t, stored, spool.DefaultMaxReports)
	require.Contains(t, stored, eventID(n-1), "the oldest go first")
	lost, err := u.store.TakeLost()
	require.NoError(t, err)
	require.Equal(t, map[spool.Reason]int{spool.CacheOverflow: n - spool.DefaultMaxReports}, lost)
}

// TestReportsThatAreNotDueAreKnown to Flush, which would lie otherwise.
func TestReportsThatAreNotDueAreKnown(t *testing.T) {
	t.Parallel()
	u := newUnit(t)
	r, err := u.store.Put(eventID(0), eventEnvelope(eventID(0)))
	require.NoError(t, err)
	_, err = retry(r, time.Now().Add(time.Hour))
	require.NoError(t, err)
	u.Resume()
	ctx := within(t, 10*time.Second)
	require.ErrorContains(t, u.Flush(ctx), "1 stay in the spool")
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
	require.ErrorContains(t, u.Finish(ctx), "1 stay in the spool")
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
	u.Wait(within(t, time.Second), eventID(0))
	require.Equal(t, []string{eventID(0)}, u.stored(t))
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
	require.NoError(t, os.RemoveAll(u.dir))
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
