package sentry

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a setting must be like. A wrong one is an error of Init, because a program
// that runs with it looks right, and its reports are not.

// maxTagKey is the longest key that Sentry takes, in characters.
const maxTagKey = 200

// checkTags: Sentry discards or renames a tag with another key, without a word.
func checkTags(c *config, tags map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		if problem := tagProblem(key); problem != "" {
			c.fail(fmt.Sprintf("WithTags: the tag %.200q: %s", key, problem))
		}
	}
}

// tagProblem says why Sentry does not take this key of a tag as it is, or is empty.
// https://docs.sentry.io/platforms/go/enriching-events/tags/
func tagProblem(key string) string {
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

// checkEnvironments: a filter that was left empty by mistake, as by a configuration
// that was not read, would let everything through.
func checkEnvironments(c *config, names []string) {
	if len(names) == 0 {
		c.fail("WithEnvironments: there is no name: leave the option out to report everywhere")
	}
	if slices.Contains(cleanEnvironments(names), "") {
		c.fail("WithEnvironments: a name is empty")
	}
}

// cleanEnvironments has the names as they are in reports.
func cleanEnvironments(names []string) []string {
	clean := make([]string, len(names))
	for i, name := range names {
		clean[i] = sentryName(name, maxEnvironment)
	}
	return clean
}

// checkGuards: a name without its import path is no function's. A dot before the last
// slash is part of a host name.
func checkGuards(c *config, names []string) {
	for _, name := range names {
		pkg, function, ok := strings.Cut(name[strings.LastIndex(name, "/")+1:], ".")
		if !ok || pkg == "" || function == "" || strings.HasPrefix(pkg, "(") {
			c.fail(fmt.Sprintf("WithGuards: %q has no import path: want example.com/app/must.Check", name))
		}
	}
}
