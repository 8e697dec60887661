package ending_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/ending"
)

// TestVerdict is the table of ends, a row each.
func TestVerdict(t *testing.T) {
	t.Parallel()
	signal := func(s ending.Signal) ending.Facts { return ending.Facts{Waited: true, Signal: s} }
	exit := func(n int) ending.Facts { return ending.Facts{Waited: true, Exit: n} }
	for name, tt := range map[string]struct {
		facts  ending.Facts
		title  string
		status ending.Status
	}{
		"a crash text":                   {ending.Facts{CrashText: true}, "", ending.Crashed},
		"a crash text, and a status":     {ending.Facts{CrashText: true, Waited: true, Exit: 2, WantsExits: true}, "", ending.Crashed},
		"a crash after Close":            {ending.Facts{CrashText: true, Closed: true}, "", ending.Crashed},
		"Close":                          {ending.Facts{Closed: true}, "", ending.Exited},
		"Close, then os.Exit(1)":         {ending.Facts{Closed: true, Waited: true, Exit: 1, WantsExits: true}, "", ending.Exited},
		"Close, then killed":             {ending.Facts{Closed: true, OutOfMemory: true}, "", ending.Exited},
		"memory, seen at the next start": {ending.Facts{OutOfMemory: true}, "out of memory", ending.Crashed},
		"memory, with the signal":        {ending.Facts{OutOfMemory: true, Waited: true, Signal: "SIGKILL"}, "out of memory", ending.Crashed},
		"somebody else's memory":         {ending.Facts{OutOfMemory: true, Waited: true, Signal: "SIGTERM"}, "", ending.Exited},
		"somebody else's, and exit 1":    {ending.Facts{OutOfMemory: true, Waited: true, Exit: 1}, "", ending.Abnormal},
		"SIGKILL":                        {signal("SIGKILL"), "", ending.Abnormal},
		"SIGKILL, no time left": {ending.Facts{Waited: true, Signal: "SIGKILL", CPUSpent: true},
			"SIGXCPU", ending.Crashed},
		"SIGTERM":        {signal("SIGTERM"), "", ending.Exited},
		"SIGINT":         {signal("SIGINT"), "", ending.Exited},
		"SIGHUP":         {signal("SIGHUP"), "", ending.Exited},
		"SIGPIPE":        {signal("SIGPIPE"), "", ending.Exited},
		"SIGXCPU":        {signal("SIGXCPU"), "SIGXCPU", ending.Crashed},
		"SIGXFSZ":        {signal("SIGXFSZ"), "SIGXFSZ", ending.Crashed},
		"SIGSYS":         {signal("SIGSYS"), "SIGSYS", ending.Crashed},
		"SIGBUS in C":    {signal("SIGBUS"), "SIGBUS", ending.Crashed},
		"SIGSEGV in C":   {signal("SIGSEGV"), "SIGSEGV", ending.Crashed},
		"SIGFPE in C":    {signal("SIGFPE"), "SIGFPE", ending.Crashed},
		"SIGILL in C":    {signal("SIGILL"), "SIGILL", ending.Crashed},
		"abort in C":     {signal("SIGABRT"), "SIGABRT", ending.Crashed},
		"a debugger's":   {signal("SIGTRAP"), "", ending.Abnormal},
		"return of main": {exit(0), "", ending.Exited},
		"os.Exit(3)":     {exit(3), "", ending.Abnormal},
		"os.Exit(3), wanted": {ending.Facts{Waited: true, Exit: 3, WantsExits: true},
			"exit status 3", ending.Crashed},
		"os.Exit(0), wanted":                {ending.Facts{Waited: true, WantsExits: true}, "", ending.Exited},
		"a power cut, a reboot, an upgrade": {ending.Facts{}, "", ending.Abnormal},
	} {
		v := tt.facts.Verdict()
		require.Equal(t, tt.title, v.Title, name)
		require.Equal(t, tt.status, v.Status, name)
		if v.Title != "" && v.Title != ending.OutOfMemory && tt.facts.Exit == 0 {
			require.NotEmpty(t, v.Text, name)
		}
	}
}
