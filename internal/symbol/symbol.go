// Package symbol reads the names of functions as the Go linker has them, and
// the paths of packages and files that go with them. Program counters and crash
// texts give the same names.
package symbol

import (
	"net/url"
	"strings"
)

// Split splits the name of a function:
//
//	gopkg.in/yaml%2ev3.(*Decoder).Decode → gopkg.in/yaml.v3, (*Decoder).Decode
//
// Dots in the last element of an import path are escaped there
// (cmd/internal/objabi, PathToPrefix), so the first dot after the last slash
// ends it. Type parameters are shown as [...], without a slash. A symbol that
// belongs to no package has an empty pkg.
func Split(symbol string) (pkg, function string) {
	slash := strings.LastIndexByte(symbol, '/') + 1
	dot := strings.IndexByte(symbol[slash:], '.')
	if dot < 0 || strings.HasPrefix(symbol, "go:") || strings.HasPrefix(symbol, "type:") {
		return "", symbol
	}
	pkg, function = symbol[:slash+dot], symbol[slash+dot+1:]
	if strings.IndexByte(pkg, '%') >= 0 {
		if unescaped, err := url.PathUnescape(pkg); err == nil {
			pkg = unescaped
		}
	}
	return pkg, function
}

// IsRuntime tells whether pkg is a part of the Go runtime.
func IsRuntime(pkg string) bool {
	return pkg == "runtime" || HasPathPrefix(pkg, "internal/runtime")
}

// HasPathPrefix tells whether path is prefix or lies below it. An empty prefix
// is above nothing.
func HasPathPrefix(path, prefix string) bool {
	rest, ok := strings.CutPrefix(path, prefix)
	return ok && prefix != "" && (rest == "" || rest[0] == '/')
}

// BaseName is the last element of a path of any platform: a report may be read
// from the crash file of another build.
func BaseName(file string) string {
	return file[strings.LastIndexAny(file, `/\`)+1:]
}
