package sentrytest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// show makes the text of a report safe for one line of a terminal. Showing a text twice does not change it again.
func show(text string) string { return cut(clean(text)) }

// clean replaces every character that is not printable with an escape. These are control characters, which a terminal obeys, and
// characters that change the direction of the text or have no width.
func clean(text string) string {
	var cleaned strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			cleaned.WriteRune(r)
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		cleaned.WriteString(quoted[1 : len(quoted)-1])
	}
	return cleaned.String()
}

// cut shortens a text to mostText bytes, between two characters, and adds a note of how much is missing. It does not shorten a text
// that is longer only by the size of such a note, so that cutting twice does not cut the note.
func cut(text string) string {
	const note = 40 // bytes: a little more than "… (12345678 more bytes)"
	if len(text) <= mostText+note {
		return text
	}
	end := mostText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d more bytes)", text[:end], len(text)-end)
}

// scrubMarkers are the texts that replace what was scrubbed. The last one replaces a home directory.
var scrubMarkers = []string{"[Filtered]", "[email]", "[ip]", "[mac]", "[host]", "~"}

// scrubPlace is a value of an event, such as "request.headers.Cookie", and the number of markers in it.
type scrubPlace struct {
	name  string
	count int
}

// findScrubbed returns the places of each marker.
func findScrubbed(raw json.RawMessage) map[string][]scrubPlace {
	var event any
	if json.Unmarshal(raw, &event) != nil {
		return nil
	}
	found := map[string][]scrubPlace{}
	walk("", event, func(name, text string) {
		for _, marker := range scrubMarkers {
			if count := countMarker(text, marker); count > 0 {
				found[marker] = append(found[marker], scrubPlace{name: name, count: count})
			}
		}
	})
	return found
}

// countMarker returns how often a marker is in a text. A tilde has other uses, too, so it counts only at the beginning of a path.
func countMarker(text, marker string) int {
	if marker != "~" {
		return strings.Count(text, marker)
	}
	count := 0
	for before, after, found := strings.Cut(text, "~"); found; before, after, found = strings.Cut(after, "~") {
		opens := before == "" || !isWord(before[len(before)-1])
		if opens && (after == "" || after[0] == '/' || after[0] == '\\') {
			count++
		}
	}
	return count
}

// isWord reports whether c can be a part of a word or path. Slash and tilde are among these: "/~" and "~~" are no home directories.
func isWord(c byte) bool {
	return c == '/' || c == '\\' || c == '_' || c == '~' || c == '.' ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// walk visits every text in a JSON value, sorted by name.
func walk(name string, v any, visit func(name, text string)) {
	switch v := v.(type) {
	case string:
		visit(name, v)
	case []any:
		for i, element := range v {
			walk(name+"["+strconv.Itoa(i)+"]", element, visit)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			walk(strings.TrimPrefix(name+"."+key, "."), v[key], visit)
		}
	}
}

func total(places []scrubPlace) int {
	sum := 0
	for _, place := range places {
		sum += place.count
	}
	return sum
}

func names(places []scrubPlace) []string {
	all := make([]string, len(places))
	for i, place := range places {
		all[i] = place.name
	}
	return all
}
