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

// show makes a report's text fit for a line on a terminal. All of it passes here, some of it twice, which changes nothing more.
func show(text string) string { return cut(clean(text)) }

// clean writes every character that is not plainly visible as an escape: control characters, which drive a terminal, and those
// that turn the direction of the text or have no width.
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

// cut shortens a text to mostText bytes, between characters, and says by how much. A text that is longer by less than such a note
// stays whole, so that cutting twice does not cut the note.
func cut(text string) string {
	const note = 40 // bytes: "… (12345678 more bytes)" and some
	if len(text) <= mostText+note {
		return text
	}
	end := mostText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return fmt.Sprintf("%s… (%d more bytes)", text[:end], len(text)-end)
}

// scrubMarkers are what stands where something was taken out. The last one is a home directory.
var scrubMarkers = []string{"[Filtered]", "[email]", "[ip]", "~"}

// scrubPlace is a value of an event, such as "request.headers.Cookie", and how often something was taken out of it.
type scrubPlace struct {
	name  string
	count int
}

// findScrubbed returns the places where each marker stands.
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

// countMarker counts the tilde only where a path begins: it has other uses.
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

// isWord also counts slash and tilde: "/~" and "~~" are no home directories.
func isWord(c byte) bool {
	return c == '/' || c == '\\' || c == '_' || c == '~' || c == '.' ||
		'0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// walk visits every text of a JSON value, in the order of the names.
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
