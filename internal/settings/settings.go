// Package settings says what a setting must be like. A wrong one is an error of Init,
// because a program that runs with it looks right, and its reports are not.
package settings

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
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
	if strings.ContainsFunc(name, unicode.IsSpace) || strings.HasSuffix(name, "()") {
		return false
	}
	pkg, function, ok := strings.Cut(name[strings.LastIndex(name, "/")+1:], ".")
	return ok && pkg != "" && function != "" && !strings.HasPrefix(pkg, "(")
}

// IsImportPath tells whether a text can be the beginning of an import path. A pattern of
// the go command is none, and an address neither.
func IsImportPath(prefix string) bool {
	if strings.Contains(prefix, "...") || strings.HasPrefix(prefix, ".") {
		return false
	}
	return strings.Trim(prefix, "/") != "" && !strings.HasPrefix(prefix, "/") && !strings.ContainsFunc(prefix, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("*:\\\"'", r)
	})
}

// IsVariable tells whether a text can be the name of an environment variable. A DSN,
// which somebody may write in its place, is none.
func IsVariable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune("=:/@\x00", r)
	})
}

// IsName tells whether a text has anything by which it can be told from others.
func IsName(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// IsInTheShellsWords tells whether a path begins with what a shell would replace.
func IsInTheShellsWords(path string) bool {
	return path == "~" || strings.HasPrefix(path, "~/") || strings.HasPrefix(path, `~\`) ||
		strings.HasPrefix(path, "$") || strings.HasPrefix(path, "%")
}

// IsWithoutUnit tells whether a duration is a number to which somebody forgot the unit:
// WithFlushTimeout(5) are 5 ns.
func IsWithoutUnit(d time.Duration) bool { return 0 < d && d < time.Millisecond }
