package frameworks_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/testprogram"
	"github.com/panicreport/sentry/sentrytest"
)

var recoversProgram = testprogram.Source{Dir: "recovers"}.Once()

// TestWhoRecovers holds the table of docs/recovered.md: a guard inside of a framework
// sees the panic, and one outside only where the framework lets it go on.
func TestWhoRecovers(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/recovered.md")
	require.NoError(t, err)
	for _, tt := range []struct {
		framework string
		row       string // of the page begins so
		outside   int    // reports of a guard outside
		dies      bool
	}{
		{"net/http", "net/http", 0, false},
		{"gin", "gin: ", 0, false},
		{"echo", "echo: ", 0, false},
		{"grpc", "gRPC: ", 0, false},
		{"rpc", "go-ethereum's `rpc`", 0, false},
		{"cron", "cron: ", 0, false},
		// Its handlers run in goroutines of its own, where a guard outside sees nothing.
		{"fasthttp", "fasthttp", 0, true},
		{"k8s", "Kubernetes: ", 1, true},
		{"json", "`encoding/json`", 1, true},
		{"fmt", "`fmt`, `text/template`", 0, false},
		{"template", "`fmt`, `text/template`", 0, false},
	} {
		for place, reports := range map[string]int{"inside": 1, "outside": tt.outside} {
			t.Run(tt.framework+" "+place, func(t *testing.T) {
				t.Parallel()
				require.True(t, strings.Contains(string(page), "\n| "+tt.row), "the page has no such row")
				server := sentrytest.NewServer(t)
				ended := testprogram.Run(t, testprogram.Command(t, recoversProgram(t), tt.framework, place), "SENTRY_DSN="+server.DSN())
				require.Len(t, server.Events(), reports, ended.Stderr)
				if tt.dies {
					require.Equal(t, 2, ended.Status, ended.Stdout)
				} else {
					require.Equal(t, "alive\n", ended.Stdout, ended.Stderr)
				}
			})
		}
	}
}
