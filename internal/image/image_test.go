package image_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/internal/image"
)

const literal = "a literal of this test, and of nothing else"

func TestOwn(t *testing.T) {
	t.Parallel()
	im, err := image.Own()
	require.NoError(t, err)
	require.True(t, im.Holds(literal))
	require.True(t, im.Holds(literal[5:9]))
	require.False(t, im.Holds(strings.Clone(literal)))
	require.False(t, im.Holds(""))
	found := 0
	require.NoError(t, im.Each(func(part []byte) { found += strings.Count(string(part), literal) }))
	require.Equal(t, 1, found)
	t.Logf("%d bytes", im.Size())
}

func TestID(t *testing.T) {
	t.Parallel()
	require.Len(t, image.ID(), 32)
	require.Equal(t, image.ID(), image.ID())
}
