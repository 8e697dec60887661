package scrub_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/scrub"
)

func TestConcurrentUse(t *testing.T) {
	t.Parallel()
	s := newScrubber()
	shared := eventWith("password=hunter2")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 10 {
				e := *shared
				s.Event(&e)
				s.Value("v", map[string]any{"a": "password=hunter2"})
			}
		})
	}
	wg.Wait()
	require.Equal(t, eventWith("password=hunter2"), shared)
}

func ExampleScrubber_Text() {
	s := scrub.New(scrub.Config{SensitiveKeys: []string{"tenant"}})
	fmt.Println(s.Text("dial postgres://bob:hunter2@10.1.2.3/app: timeout"))
	fmt.Println(s.Text("{User:bob Password:hunter two Tenant:17 Age:3}"))
	fmt.Println(s.Text("open /home/bob/app/config.toml: no such file or directory"))
	// Output:
	// dial postgres://[Filtered]@[ip]/app: timeout
	// {User:bob Password:[Filtered] Tenant:[Filtered] Age:3}
	// open ~/app/config.toml: no such file or directory
}
