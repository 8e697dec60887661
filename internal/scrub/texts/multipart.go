package texts

import "strings"

// multipart reads a part of a multipart form whose name is that of a secret.
// The separator at i is the = of name="password":
//
//	Content-Disposition: form-data; name="password"
//
//	hunter2
//	--boundary
func (x *scanner) multipart(f *form, i int) int {
	if x.s[i] != '=' || x.s[f.from:f.to] != "name" || i+1 >= len(x.s) || x.s[i+1] != '"' {
		return i
	}
	end := run(x.s, i+2, maxName, func(c byte) bool { return c != '"' && !isLine(c) })
	if end >= len(x.s) || x.s[end] != '"' || x.config.Sensitivity(x.s[i+2:end]) == NotSecret {
		return i
	}
	value := run(x.s, end+1, maxGap, isLine)
	if strings.Count(x.s[end+1:value], "\n") < 2 || strings.HasPrefix(x.s[value:], "--") {
		return i
	}
	stop := strings.Index(x.s[value:], "\n--")
	if stop < 0 {
		stop = len(x.s) - value
	}
	if text := strings.TrimSuffix(x.s[value:value+stop], "\r"); text == "" || HidesNothing(text) {
		return i
	}
	return x.replace(value, value+stop, Filtered)
}
