package event

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getsentry/sentry-go"
)

const (
	// maxLabels labels of a goroutine are shown: they are for profiles, and one
	// with more is a mistake.
	maxLabels = 16

	// maxLabel is the limit for the value of a label, in bytes. Sentry's limit for
	// the value of a tag is 200 characters.
	maxLabel = 200
)

// labels are those of a goroutine that a report shows. The values are the
// application's texts.
func (b *Builder) labels(all map[string]string) map[string]string {
	if len(all) == 0 || b.WithoutMessages {
		return nil
	}
	shown := make(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(all))[:min(len(all), maxLabels)] {
		shown[name] = all[name][:min(len(all[name]), maxLabel)]
	}
	return shown
}

// tellLabels puts the labels of the goroutine that died in a context. They have
// their names there, by which the scrubber knows secrets.
func (b *Builder) tellLabels(contexts map[string]sentry.Context, all map[string]string) {
	labels := b.labels(all)
	if len(labels) == 0 {
		return
	}
	c := make(sentry.Context)
	for name, value := range labels {
		c[name] = value
	}
	contexts["goroutine_labels"] = c
}

// printed are labels as Go prints them, but with every value in quotes. The scrubber
// reads names and values in that form, too.
func printed(labels map[string]string) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		value := strconv.Quote(labels[name])
		if strings.ContainsFunc(name, func(r rune) bool { return r != '_' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			name = strconv.Quote(name)
		}
		all = append(all, name+": "+value)
	}
	return "{" + strings.Join(all, ", ") + "}"
}
