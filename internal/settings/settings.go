// Package settings says what a setting must be like. A wrong one is an error of Init,
// because a program that runs with it looks right, and its reports are not.
package settings

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxTagKey is the longest key that Sentry takes, in characters.
const maxTagKey = 200

// TagProblem says why Sentry does not take this key of a tag as it is, or is empty.
// https://docs.sentry.io/platforms/go/enriching-events/tags/
func TagProblem(key string) string {
	switch {
	case key == "":
		return "its name is empty"
	case utf8.RuneCountInString(key) > maxTagKey:
		return fmt.Sprintf("its name is longer than %d characters", maxTagKey)
	case strings.ContainsFunc(key, func(r rune) bool { return !isTagRune(r) }):
		return "its name may have only the letters a to z and A to Z, digits and _ . : -"
	case slices.Contains(reservedTags, key):
		return "its name is that of a field of Sentry's"
	}
	return ""
}

func isTagRune(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_.:-", r)
}

// reservedTags are names that Sentry's normaliser takes away, as it uses them for
// fields of an event.
var reservedTags = []string{"dist", "environment", "filename", "function", "release", "user"}

// IsFunction tells whether a name has the import path of a function's package. A dot
// before the last slash is part of a host name.
func IsFunction(name string) bool {
	pkg, function, ok := strings.Cut(name[strings.LastIndex(name, "/")+1:], ".")
	return ok && pkg != "" && function != "" && !strings.HasPrefix(pkg, "(")
}
