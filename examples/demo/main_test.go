package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

// What the demo is for in CI: it tells of a report that is not as it should be.
// That all of them are, the test of the whole program shows.
func TestCheck(t *testing.T) {
	t.Parallel()
	d := death{
		status: statusOfPanic, typ: "panic", value: "sync", top: "transfer",
		secrets: []secret{{"password", "hunter2"}},
		tags:    map[string]string{"request_id": "req-77"},
	}
	for _, tt := range []struct {
		name   string
		status int
		change func(event *sentrytest.Event)
		copies int
		want   string // nothing if all is well
	}{
		{name: "all is well", status: 2, copies: 1},
		{name: "exit status", status: 0, copies: 1, want: "the process ended with status 0, not 2"},
		{name: "no report", status: 2, copies: 0, want: "0 reports arrived, not 1"},
		{name: "two reports", status: 2, copies: 2, want: "2 reports arrived, not 1"},
		{
			name: "type", status: 2, copies: 1, want: `the title is "error: sync 7", not "panic: sync"`,
			change: func(event *sentrytest.Event) { event.Exceptions[0].Type = "error" },
		},
		{
			name: "place", status: 2, copies: 1, want: `the function on top is "guard", not "transfer"`,
			change: func(event *sentrytest.Event) { event.Exceptions[0].Stacktrace.Frames[0].Function = "guard" },
		},
		{
			name: "handled", status: 2, copies: 1, want: "the report is not marked unhandled",
			change: func(event *sentrytest.Event) { event.Exceptions[0].Mechanism = nil },
		},
		{
			name: "tag", status: 2, copies: 1, want: `the tag request_id is "", not "req-77"`,
			change: func(event *sentrytest.Event) { event.Tags = nil },
		},
		{
			name: "secret", status: 2, copies: 1, want: "the report contains the password",
			change: func(event *sentrytest.Event) { event.Raw = []byte(`{"message":"hunter2"}`) },
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			event := report()
			if tt.change != nil {
				tt.change(event)
			}
			o := outcome{status: tt.status}
			for range tt.copies {
				o.reports = append(o.reports, event)
			}
			err := check(d, o)
			if tt.want == "" {
				require.NoError(t, err)
				require.NotContains(t, page(1, d, o), "WRONG")
				return
			}
			require.EqualError(t, err, tt.want)
			require.Contains(t, page(1, d, o), "    WRONG     "+tt.want)
		})
	}
}

// report is one that is as it should be.
func report() *sentrytest.Event {
	handled := false
	return &sentrytest.Event{
		Tags: map[string]string{"request_id": "req-77"},
		Exceptions: []sentrytest.Exception{{
			Type: "panic", Value: "sync 7",
			Mechanism:  &sentrytest.Mechanism{Handled: &handled},
			Stacktrace: &sentrytest.Stacktrace{Frames: []sentrytest.Frame{{Function: "transfer", InApp: true}}},
		}},
		Raw: []byte(`{}`),
	}
}

func TestOwnWords(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"panic: boom [recovered, repanicked]"}, ownWords(`panic: boom [recovered, repanicked]
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4a]

goroutine 6 [running]:
main.transfer()
	/src/main.go:7
`))
	require.Equal(t, []string{"http: panic serving", "GET / has no answer"}, ownWords(`http: panic serving
goroutine 6 [running]:
net/http.(*conn).serve()
GET / has no answer
`))
}
