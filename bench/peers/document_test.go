package main

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPictureIsXML(t *testing.T) {
	t.Parallel()
	d := newDocument()
	d.bars("a.svg", "<a> & b", []bar{{"x", 1, "1 ms"}, {"this library", 0.5, "0.5 ms"}})
	decoder := xml.NewDecoder(strings.NewReader(d.pictures["a.svg"]))
	for {
		_, err := decoder.Token()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
	}
	require.Contains(t, d.text.String(), "![<a> & b](a.svg)")
}

func TestShort(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 1234 * time.Microsecond: "1.23ms", 51499 * time.Microsecond: "51.5ms",
		123456 * time.Microsecond: "123ms", 5001 * time.Millisecond: "5s",
	} {
		require.Equal(t, want, short(d))
	}
}

func TestQuantiles(t *testing.T) {
	t.Parallel()
	all := []float64{5, 1, 4, 2, 3}
	require.EqualValues(t, 3, median(all))
	require.EqualValues(t, 5, quantile(all, 0.99))
	require.Zero(t, median[float64](nil))
}

// TestServerCountsEachReportOnce, and the bytes of all.
func TestServerCountsEachReportOnce(t *testing.T) {
	t.Parallel()
	s, err := newServer(0)
	require.NoError(t, err)
	defer s.Close()
	event := []byte(`{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}` + "\n" + `{"type":"event"}` + "\n" + `{"message":"x"}` + "\n")
	s.count("/api/1/envelope/", event)
	s.count("/api/1/envelope/", event)
	s.count("/api/1/envelope/", []byte("{}\n{\"type\":\"session\"}\n{}\n"))
	s.count("/sessions", nil)
	s.count("/notify", nil)
	require.Equal(t, 2, s.WaitReports(2, time.Second))
}

func TestReplaceSections(t *testing.T) {
	t.Parallel()
	require.Equal(t, "# A\n\n## one\n\nnew\n\n## two\n\nold\n", replaceSections("# A\n\n## one\n\nold\n\n## two\n\nold\n", "# B\n\n## one\n\nnew\n"))
}
