package spool_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/spool"
)

// FuzzDirectory plants a file of any name and content beside a stored report.
// The stored one is handed out; the planted one only if it is, byte for byte,
// what Put would have written under that id; and nothing fails.
func FuzzDirectory(f *testing.F) {
	valid := spool.Frame("report", reportID(2), []byte("envelope"))
	name := spool.ReportName(time.Unix(1_800_000_000, 0), reportID(2))
	f.Add(name, valid)
	f.Add(name, valid[:len(valid)-1])
	f.Add(name, append(spool.Frame("report", reportID(2), nil), 'x'))
	f.Add(name, []byte("panicreport-spool 2 report\nof the future"))
	f.Add(name+"\n", valid)
	f.Add("1700000000000-"+reportID(2)+"-9-9999999999999.report", valid)
	f.Add("1700000000000-"+reportID(2)+"-later.report", valid)
	f.Add(spool.RunName(time.Unix(1_800_000_000, 0), reportID(2)), spool.Frame("run", reportID(2), []byte("meta")))
	f.Add(reportID(2)+".crash", []byte("panic: x"))
	f.Add(reportID(2)+".tmp", []byte("half"))
	f.Add("1700000000000-"+reportID(2)+".bad", []byte{})
	f.Add("spool.lock", []byte("x"))
	f.Add("spool.state", spool.Frame("state", "-", []byte(`{"lost":{"cache_overflow":3},"limits":{"key":{"start":-1,"count":1}}}`)))
	f.Add("spool.state", spool.Frame("state", "-", []byte(`{"lost":7}`)))
	f.Add("spool.state", spool.Frame("state", "-", []byte(`null`)))

	f.Fuzz(func(t *testing.T, name string, content []byte) {
		s, dir := newStore(t, spool.Options{})
		put(t, s, reportID(1))
		path := filepath.Join(dir, name)
		if filepath.Dir(path) != dir || os.WriteFile(path, content, 0o600) != nil {
			t.Skip("no name of a file")
		}
		_, err := s.List()
		require.NoError(t, err)
		require.NoError(t, s.Sweep())
		runs, err := s.DeadRuns()
		require.NoError(t, err)
		for _, r := range runs {
			require.Equal(t, content, spool.Frame("run", r.ID, r.Meta))
			require.NoError(t, r.Remove())
		}
		_, _, err = s.Allow("key", limit.Rate{N: 1, Per: time.Hour})
		_, lostErr := s.TakeLost()
		if name != "spool.state" { // of which a later version's is an error
			require.NoError(t, err)
			require.NoError(t, lostErr)
		}
		takeAll(t, s, name, content)
		require.NoError(t, s.Clear())
		require.Empty(t, ids(t, s))
	})
}

func takeAll(t *testing.T, s *spool.Store, name string, content []byte) {
	t.Helper()
	found := false
	for {
		r, err := s.Take()
		require.NoError(t, err)
		if r == nil {
			break
		}
		if r.ID() == reportID(1) {
			found = true
			require.Equal(t, contentOf(r.ID()), r.Data())
		} else {
			id, ok := spool.IDOf(name)
			require.True(t, ok, "%q is no name", name)
			require.Equal(t, id, r.ID())
			require.Equal(t, content, spool.Frame("report", id, r.Data()))
		}
		require.NoError(t, r.Remove())
	}
	require.True(t, found)
}
