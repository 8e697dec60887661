package symbol

import "strings"

// Inlined returns the part of a function's name that another package may have given
// it. The compiler names a closure after the function into which its own function
// is inlined:
//
//	main.OnceValue[...].func1           → OnceValue[...].func1
//	(*app).run.(*T).Method.func2        → (*T).Method.func2
//	main.Loop-range3                    → Loop-range3
//	main.main.func3.Wrap.func13         → Wrap.func13
//
// It is not ok if the name can not be one of those. T.Method.func1 can be a closure
// of the method T.Method, and one of Method that is inlined into T: only the file
// tells.
func Inlined(function string) (name string, ok bool) {
	var room [8]string // names with more are rare
	parts := elements(room[:0], function)
	last := len(parts) - 1
	closures := false
	for last >= 0 && isClosure(parts[last]) {
		closures = true
		last--
	}
	if last < 1 || !closures && !strings.Contains(parts[last], "-range") {
		return "", false
	}
	first := last
	if strings.HasPrefix(parts[last-1], "(*") {
		first--
	}
	if first == 0 {
		return "", false
	}
	name = function
	for _, part := range parts[:first] {
		name = name[len(part)+len("."):]
	}
	return name, true
}

// elements splits the name of a function at its dots, but not within brackets. It
// appends to parts.
func elements(parts []string, function string) []string {
	depth, begin := 0, 0
	for i := 0; i < len(function); i++ {
		switch function[i] {
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		case '.':
			if depth == 0 {
				parts = append(parts, function[begin:i])
				begin = i + 1
			}
		}
	}
	return append(parts, function[begin:])
}

// isClosure tells whether an element of a name stands for a function without a name
// (cmd/compile/internal/ir, closureName): func1, gowrap2, deferwrap1, 3, and each of
// them with -range1.
func isClosure(part string) bool {
	part, _, _ = strings.Cut(part, "-range")
	for _, prefix := range []string{"func", "gowrap", "deferwrap"} {
		if digits, ok := strings.CutPrefix(part, prefix); ok && digits != "" {
			part = digits
			break
		}
	}
	return part != "" && strings.Trim(part, "0123456789") == ""
}
