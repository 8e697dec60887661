package session_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ending"
	"github.com/panicreport/sentry/internal/session"
	"github.com/panicreport/sentry/sentrytest"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// TestWhatIsSent byte by byte: there is nothing else in it.
func TestWhatIsSent(t *testing.T) {
	t.Parallel()
	s := session.New("app@1.0.0", "production", noon)
	_, start := s.Start()
	require.Equal(t, `{}
{"length":226,"type":"session"}
{"sid":"SID","init":true,"seq":0,"started":"2026-11-21T12:00:00.000Z","timestamp":"2026-11-21T12:00:00.000Z",`+
		`"status":"ok","errors":0,"attrs":{"release":"app@1.0.0","environment":"production"}}
`, strings.ReplaceAll(string(start), s.ID, "SID"))
	_, end := s.End(session.End{Status: ending.Crashed, At: noon.Add(90*time.Second + 1500*time.Microsecond), Errors: 1, Ran: 90 * time.Second})
	require.Equal(t, `{}
{"length":246,"type":"session"}
{"sid":"SID","init":false,"seq":1,"started":"2026-11-21T12:00:00.000Z","timestamp":"2026-11-21T12:01:30.001Z",`+
		`"status":"crashed","errors":1,"duration":90,"attrs":{"release":"app@1.0.0","environment":"production"}}
`, strings.ReplaceAll(string(end), s.ID, "SID"))
}

// TestIDs: those of a run are its own, and the same whoever tells of it.
func TestIDs(t *testing.T) {
	t.Parallel()
	a, b := session.New("app", "", noon), session.New("app", "", noon)
	require.NotEqual(t, a.ID, b.ID)
	require.Regexp(t, `^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`, a.ID)
	start, _ := a.Start()
	end, first := a.End(session.End{Status: ending.Abnormal, At: noon})
	again, second := a.End(session.End{Status: ending.Abnormal, At: noon})
	require.NotEqual(t, start, end)
	require.Equal(t, end, again)
	require.Equal(t, first, second)
	require.Regexp(t, `^[0-9a-f]{32}$`, end)
}

// counted is what a server makes of the envelopes of Requests.
func counted(t *testing.T, data []byte) (exited, crashed, minutes int) {
	t.Helper()
	e, err := sentrytest.ParseEnvelope(data)
	require.NoError(t, err)
	require.Len(t, e.Items, 1)
	require.Equal(t, "sessions", e.Items[0].Type)
	var doc struct {
		Aggregates []struct {
			Started         time.Time
			Exited, Crashed int
		}
		Attrs struct{ Release, Environment string }
	}
	require.NoError(t, json.Unmarshal(e.Items[0].Payload, &doc))
	require.Equal(t, "app@1.0.0", doc.Attrs.Release)
	for _, a := range doc.Aggregates {
		require.Zero(t, a.Started.Second())
		exited += a.Exited
		crashed += a.Crashed
	}
	return exited, crashed, len(doc.Aggregates)
}

func TestRequests(t *testing.T) {
	t.Parallel()
	var r session.Requests
	require.Nil(t, r.Take("app@1.0.0", ""))
	require.False(t, r.Add(noon.Add(time.Second), false))
	require.False(t, r.Add(noon.Add(2*time.Second), true))
	require.True(t, r.Add(noon.Add(time.Minute), false), "a minute is over")
	require.False(t, r.Add(noon.Add(time.Minute), false))
	exited, crashed, minutes := counted(t, r.Take("app@1.0.0", ""))
	require.Equal(t, []int{3, 1, 2}, []int{exited, crashed, minutes})
	require.Nil(t, r.Take("app@1.0.0", ""), "once")
	require.False(t, r.IsDue(noon))
	r.Add(noon, false)
	require.False(t, r.IsDue(noon.Add(59*time.Second)))
	require.True(t, r.IsDue(noon.Add(time.Minute)))
}

// TestRequestsAreBounded, and none is lost for it.
func TestRequestsAreBounded(t *testing.T) {
	t.Parallel()
	var r session.Requests
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 500 {
				r.Add(noon.Add(time.Duration(i)*time.Minute), (n+i)%5 == 0)
			}
		})
	}
	all.Wait()
	exited, crashed, minutes := counted(t, r.Take("app@1.0.0", "production"))
	require.Equal(t, []int{3200, 800}, []int{exited, crashed})
	require.LessOrEqual(t, minutes, 60)
}
