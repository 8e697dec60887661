package values

import "strings"

// IsPersonal reports whether an attribute of a log, a metric or a span tells of
// the user, or has an argument of a message: without a name, nobody can tell what
// that is, and the message has it, scrubbed.
func IsPersonal(key string) bool {
	switch key {
	case "user.name", "user.email", "user.username", "user.full_name", "user.ip", "user.ip_address", "client.address":
		return true
	}
	return strings.HasPrefix(key, "sentry.message.parameter")
}

// IsID reports whether v has the form of an id: hexadecimal digits, as in a UUID.
func IsID(v string) bool {
	const shortest, longest = 16, 36
	if len(v) < shortest || len(v) > longest {
		return false
	}
	for i := 0; i < len(v); i++ {
		if strings.IndexByte("0123456789abcdefABCDEF-", v[i]) < 0 {
			return false
		}
	}
	return true
}

// isID reports whether v is an id of Sentry's protocol. No rule is applied to
// it, because its digits can look like the number of a payment card.
func isID(key, v string) bool {
	if !strings.HasSuffix(key, "_id") || !IsID(v) {
		return false
	}
	switch key {
	case "event_id", "trace_id", "span_id", "parent_span_id", "segment_id", "check_in_id", "profile_id", "replay_id",
		"profiler_id", "debug_id":
		return true
	}
	return false
}

// IsVersion reports whether v is a version, because its key says so. Its four
// numbers would be an IP address otherwise:
//
//	"app_version": "1.2.3.4"
func IsVersion(key, v string) bool {
	const longest = 64
	if len(v) > longest || len(key) < len("build") || v == "" || v[len(v)-1] == '.' {
		return false
	}
	for i := 0; i < len(v); i++ {
		if c := v[i]; c != '.' && (c < '0' || c > '9') {
			return false
		}
	}
	for _, word := range [...]string{"version", "release", "build", "firmware"} {
		if n := len(key) - len(word); n >= 0 && strings.EqualFold(key[n:], word) {
			return true
		}
	}
	return false
}
