package delivery

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The tests of this file ask the queue alone, at times of their own.

var errFailed = errors.New("the server answered 502 Bad Gateway")

func half() float64 { return 0.5 }

// at is a time of the tests.
func at(d time.Duration) time.Time { return time.Unix(1_800_000_000, 0).Add(d) }

func crash(n int) *report { return &report{id: fmt.Sprint(n), kind: Crash, keep: true} }

// send takes the next report and lets it be answered at the same time.
func (q *queue) send(now time.Time, accepted bool) (r *report, next time.Time) {
	r, next = q.take(now)
	if r == nil {
		return nil, next
	}
	if accepted {
		q.leave(r)
		q.succeeded()
	} else {
		q.failed(r, now, false, errFailed)
	}
	q.back(r, now)
	return r, next
}

func TestBackoffGrowsToSixHours(t *testing.T) {
	t.Parallel()
	q := newQueue(nil, rand.Float64)
	for failures, most := 1, firstBackoff; failures < 100; failures++ {
		pause := q.backoff(failures)
		require.LessOrEqual(t, pause, most)
		require.GreaterOrEqual(t, pause, most/2)
		most = min(2*most, maxBackoff)
	}
	require.LessOrEqual(t, q.backoff(1000), 6*time.Hour)
}

// TestAttemptsAtTheSameTimeAreOneFailure: thirty that hang together do not make the
// next wait for days.
func TestAttemptsAtTheSameTimeAreOneFailure(t *testing.T) {
	t.Parallel()
	q := newQueue(nil, half)
	var taken []*report
	for n := range 30 {
		q.add(crash(n))
	}
	for range 30 {
		r, _ := q.take(at(0))
		require.NotNil(t, r)
		taken = append(taken, r)
	}
	for _, r := range taken {
		q.failed(r, at(30*time.Second), true, errFailed)
		q.back(r, at(30*time.Second))
	}
	require.Equal(t, 1, q.failures)
	_, next := q.take(at(30 * time.Second))
	require.LessOrEqual(t, next, at(30*time.Second+firstBackoff))
}

// TestOneAtATimeDuringAnOutage, and each in turn.
func TestOneAtATimeDuringAnOutage(t *testing.T) {
	t.Parallel()
	q := newQueue(nil, half)
	for n := range 3 {
		q.add(crash(n))
	}
	q.send(at(0), false)
	first, _ := q.take(at(time.Hour))
	require.NotNil(t, first)
	second, _ := q.take(at(time.Hour))
	require.Nil(t, second, "one is under way")
	q.failed(first, at(time.Hour), false, errFailed)
	q.back(first, at(time.Hour))
	tried := map[string]bool{first.id: true}
	for n := range 3 {
		r, _ := q.send(at(time.Duration(n+2)*10*time.Hour), false)
		tried[r.id] = true
	}
	require.Len(t, tried, 3)
	_, _ = q.send(at(100*time.Hour), true)
	for range 2 {
		r, _ := q.send(at(100*time.Hour), true)
		require.NotNil(t, r, "the others go at once")
	}
	require.Empty(t, q.line)
}

// TestNewReportIsTriedDuringAnOutage, but not one after the other.
func TestNewReportIsTriedDuringAnOutage(t *testing.T) {
	t.Parallel()
	q := newQueue(nil, half)
	q.add(crash(0))
	for n := range 20 {
		q.send(at(time.Duration(n)*10*time.Hour), false)
	}
	now := 200 * time.Hour
	q.add(crash(1))
	q.add(crash(2))
	r, _ := q.send(at(now), false)
	require.Equal(t, "1", r.id)
	r, next := q.send(at(now), false)
	require.Nil(t, r)
	require.Equal(t, at(now+freshGap), next)
	r, _ = q.send(next, false)
	require.Equal(t, "2", r.id)
	_, next = q.send(at(now+2*freshGap), false)
	require.Greater(t, next, at(now+time.Hour), "those that were tried wait")
}

// TestReportThatNobodyTakes does not hold others, nor is it tried all the time.
func TestReportThatNobodyTakes(t *testing.T) {
	t.Parallel()
	q := newQueue(nil, half)
	bad := crash(0)
	q.add(bad)
	now := time.Duration(0)
	for n := 1; n < 500; n++ {
		q.add(crash(n))
		for {
			r, next := q.take(at(now))
			if r == nil {
				if next.IsZero() || next.After(at(now+time.Minute)) {
					break
				}
				now += time.Second
				continue
			}
			if r == bad {
				q.failed(r, at(now), false, errFailed)
			} else {
				q.leave(r)
				q.succeeded()
			}
			q.back(r, at(now))
			if len(q.line) == 1 && q.line[0] == bad && q.readyAt(bad, at(now)).After(at(now)) {
				break
			}
		}
		now += time.Minute
	}
	require.Equal(t, []*report{bad}, q.line)
	require.Less(t, bad.attempts, 30)
}

// TestBoundOfTheDisk: while the server answers, the disk has the oldest and the rest
// is sent from memory; during an outage it has the newest.
func TestBoundOfTheDisk(t *testing.T) {
	t.Parallel()
	const most = 3
	q := newQueue(map[Kind]int{Crash: most}, half)
	store := func(now time.Time) (ids []string) {
		for r := q.toStore(now); r != nil; r = q.toStore(now) {
			r.storing = now
			ids = append(ids, r.id)
		}
		return ids
	}
	for n := range 5 {
		q.add(crash(n))
	}
	require.Equal(t, []string{"0", "1", "2"}, store(at(0)))
	r, _ := q.take(at(0))
	require.Equal(t, "3", r.id, "those on their way to the disk are not sent before")
	q.failed(r, at(0), false, errFailed)
	q.back(r, at(0))
	require.Equal(t, []string{"4", "3"}, store(at(0)), "the newest three")
	require.Nil(t, q.crowdedOut(), "none is there yet, and one is too many by then")
}

// TestDiskThatTakesLong does not keep a report from being sent.
func TestDiskThatTakesLong(t *testing.T) {
	t.Parallel()
	q := newQueue(map[Kind]int{Crash: 3}, half)
	q.add(crash(0))
	q.toStore(at(0)).storing = at(0)
	r, next := q.take(at(0))
	require.Nil(t, r)
	require.Equal(t, at(slowDisk), next)
	r, _ = q.take(next)
	require.NotNil(t, r)
}

// An outage lasts from 0 to its length. Programs make reports before, in and after
// it, each at a rate of its own making.
type outage struct {
	name    string
	length  time.Duration
	every   time.Duration // a report of one program, on the average
	program int
}

// What a server has seen of a simulation.
type seen struct {
	made, delivered, lost int
	during                int           // requests in the outage
	busiestHour           int           // of the outage, without the first attempts at new reports
	peak                  int           // requests in a second after it
	last                  time.Duration // after the outage, until all of it was delivered
	perHourInPeace        int
}

// A life is a program in the simulation: its queue, and when something happens next.
type life struct {
	q    *queue
	at   time.Duration // of next
	make time.Duration // of the next report
	n    int
}

type lives []*life

func (l lives) Len() int           { return len(l) }
func (l lives) Less(i, j int) bool { return l[i].at < l[j].at }
func (l lives) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *lives) Push(x any)        { *l = append(*l, x.(*life)) }
func (l *lives) Pop() any          { old := *l; x := old[len(old)-1]; *l = old[:len(old)-1]; return x }

// simulate lets programs live through an outage and as long as it takes after it.
func simulate(o outage, random *rand.Rand) (s seen) {
	pause := func() time.Duration { return time.Duration(random.ExpFloat64() * float64(o.every)) }
	end := o.length + 2*maxBackoff
	all := make(lives, 0, o.program)
	for range o.program {
		l := &life{q: newQueue(map[Kind]int{Crash: 30}, random.Float64), make: pause()}
		l.at = l.make
		all = append(all, l)
	}
	heap.Init(&all)
	hours, seconds := map[int]int{}, map[int]int{}
	for len(all) > 0 && all[0].at <= end {
		l := all[0]
		now := l.at
		if now == l.make {
			if l.make < o.length {
				l.n++
				s.made++
				s.lost += len(l.q.add(crash(l.n)))
				l.make += pause()
			} else {
				l.make = end + 1 // what comes after is not about the outage
			}
		}
		out := now < o.length
		fresh := len(l.q.line) > 0 && l.q.line[len(l.q.line)-1].attempts == 0
		r, next := l.q.send(at(now), !out)
		if r != nil {
			if out {
				s.during++
				if !fresh || r.attempts > 1 {
					hours[int(now/time.Hour)]++
				}
			} else {
				s.delivered++
				seconds[int(now/time.Second)]++
				s.last = max(s.last, now-o.length)
			}
			l.at = now // look again
		} else {
			l.at = l.make
			if !next.IsZero() {
				l.at = min(l.at, max(next.Sub(at(0)), now+1))
			}
		}
		heap.Fix(&all, 0)
	}
	for _, n := range hours {
		s.busiestHour = max(s.busiestHour, n)
	}
	for _, n := range seconds {
		s.peak = max(s.peak, n)
	}
	s.perHourInPeace = int(float64(o.program) * float64(time.Hour) / float64(o.every))
	return s
}

// TestOutages: no report of an outage is lost, however long it is; the server is
// asked no more often than in peace, but for the first hour; and when it is back,
// it gets what has heaped up within the time that the outage has lasted.
func TestOutages(t *testing.T) {
	t.Parallel()
	fleet := 2000
	if os.Getenv("SENTRY_STRESS") != "" {
		fleet = 1_000_000
	}
	for _, o := range []outage{
		{"a minute", time.Minute, 10 * time.Second, 1},
		{"an hour", time.Hour, 10 * time.Minute, 1},
		{"a day", 24 * time.Hour, 2 * time.Hour, 1},
		{"a week", 7 * 24 * time.Hour, 14 * time.Hour, 1},
		{"a minute", time.Minute, time.Hour, fleet},
		{"an hour", time.Hour, time.Hour, fleet},
		{"a day", 24 * time.Hour, 6 * time.Hour, fleet},
		{"a week", 7 * 24 * time.Hour, 24 * time.Hour, fleet},
	} {
		t.Run(fmt.Sprintf("%s %d", o.name, o.program), func(t *testing.T) {
			t.Parallel()
			s := simulate(o, rand.New(rand.NewPCG(1, 2)))
			t.Logf("%d programs, %s: %d reports made, %d delivered, %d lost; %d requests in the outage, %d in its busiest hour beside the first attempts (in peace %d an hour); then at most %d in a second, all within %s",
				o.program, o.name, s.made, s.delivered, s.lost, s.during, s.busiestHour, s.perHourInPeace, s.peak, s.last.Round(time.Second))
			require.Zero(t, s.lost)
			require.Equal(t, s.made, s.delivered)
			require.LessOrEqual(t, s.last, min(o.length*5/4+time.Minute, maxBackoff))
			require.LessOrEqual(t, s.busiestHour, o.program*13, "as many pauses are in an hour, each twice the one before")
		})
	}
}
