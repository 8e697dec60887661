package texts

import "strings"

// HidesNothing reports whether the value of a secret name can stay: there is no
// value, the program has masked it, or it was replaced before.
func HidesNothing(value string) bool {
	if n := placeholder(value); n > 0 {
		rest := value[n:]
		return value[:n] == Filtered && strings.Trim(rest, trailing+`"'\`) == ""
	}
	switch value {
	case "", "nil", "<nil>", "null", "true", "false", "None", "undefined", Ellipsis, "~",
		"map[]", "[]", "{}", "()", "none", "YES", "NO", "yes", "no": // MySQL: (using password: YES)
		return true
	}
	return isReference(value) || isMask(value)
}

// isMask reports whether a value was masked:
//
//	*** xxx XXXX-XXXX ••••
func isMask(value string) bool {
	const shortest = 3
	if !isOneOf(value[0], "xX*•.-_") {
		return false
	}
	return strings.Trim(value, "*") == "" || len(value) >= shortest && strings.Trim(value, "xX*•.-_") == "" && strings.ContainsAny(value, "xX*•")
}

// isReference reports whether a value refers to another one:
//
//	?
//	$1
//	${PASSWORD}
//	%s
func isReference(value string) bool {
	switch {
	case value == "?", len(value) == 2 && value[0] == '%' && isAlpha(value[1]):
		return true
	case value[0] == '$' && len(value) > 1:
		return strings.HasPrefix(value, "${") && value[len(value)-1] == '}' || isShortNumber(value[1:])
	}
	return false
}

// isShortNumber reports whether a value is more likely a count than a token:
//
//	tokens=512
func isShortNumber(value string) bool {
	const longest = 6
	return len(value) <= longest && run(value, 0, longest, isDigit) == len(value)
}

// IsWorkingDirectory reports whether a value is the working directory of a
// shell, whose name PWD is also an abbreviation of password.
func IsWorkingDirectory(key, v string) bool {
	if key != "PWD" && key != "OLDPWD" {
		return false
	}
	return isSlash(v[0]) || v[0] == '~' || len(v) > 2 && v[1] == ':' && isSlash(v[2])
}
