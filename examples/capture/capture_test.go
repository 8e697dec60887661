package capture_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/examples/capture"
	"github.com/panicreport/sentry/sentrytest"
)

// fake remembers what was reported.
type fake struct{ errs []error }

func (f *fake) Report(_ context.Context, err error) { f.errs = append(f.errs, err) }

func TestOnlyOurTroubleIsReported(t *testing.T) {
	t.Parallel()
	errDown := errors.New("the bank does not answer")
	reports := &fake{}
	for _, err := range []error{nil, capture.ErrRefused, errDown} {
		shop := capture.Shop{Reporter: reports, Charge: func(int) error { return err }}
		require.Equal(t, err, shop.Buy(t.Context(), 100))
	}
	require.Len(t, reports.errs, 1)
	require.ErrorIs(t, reports.errs[0], errDown)
}

// TestSentry holds that an error arrives at a server, scrubbed.
func TestSentry(t *testing.T) {
	server := sentrytest.Init(t)
	capture.Sentry{}.Report(t.Context(), errors.New("charge: login of bob@example.com"))
	event := server.Wait(1)[0]
	require.Contains(t, event.Title(), "charge: login of [email]")
	require.False(t, event.Unhandled(), "an error is no crash")
}
