package texts

// A class says what can begin at a byte.
type class uint8

const (
	plain    class = iota // nothing; this is the class of most bytes
	wordByte              // a word or a number
	bracket               // a bracket
	mark                  // what one of the rules reads
)

// classes has the class of every byte. Those of the marks come from the rules.
var classes = func() (t [256]class) {
	for c := range t {
		if isWord(byte(c)) {
			t[c] = wordByte
		}
	}
	for _, c := range []byte("{}[]") {
		t[c] = bracket
	}
	return t
}()

func isUpper(c byte) bool      { return 'A' <= c && c <= 'Z' }
func isLower(c byte) bool      { return 'a' <= c && c <= 'z' }
func isDigit(c byte) bool      { return '0' <= c && c <= '9' }
func isAlpha(c byte) bool      { return isUpper(c) || isLower(c) }
func isLowerAlnum(c byte) bool { return isLower(c) || isDigit(c) }
func isAlnum(c byte) bool      { return isAlpha(c) || isDigit(c) }
func isWord(c byte) bool       { return isAlnum(c) || c == '_' }
func isTokenByte(c byte) bool  { return isWord(c) || c == '-' }
func isBlank(c byte) bool      { return c == ' ' || c == '\t' }
func isLine(c byte) bool       { return c == '\n' || c == '\r' }
func isSpace(c byte) bool      { return isBlank(c) || isLine(c) }
func isSlash(c byte) bool      { return c == '/' || c == '\\' }
func isQuote(c byte) bool      { return c == '"' || c == '\'' || c == '`' }
func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hasDigit(s string) bool {
	for i := range len(s) {
		if isDigit(s[i]) {
			return true
		}
	}
	return false
}

func lower(c byte) byte {
	if isUpper(c) {
		return c + 'a' - 'A'
	}
	return c
}

// run returns the end of the bytes that ok accepts, from s[i] on and at most
// limit of them.
func run(s string, i, limit int, ok func(byte) bool) int {
	end := min(len(s), i+limit)
	for i < end && ok(s[i]) {
		i++
	}
	return i
}

// runBack returns the start of the bytes that ok accepts, from s[i-1] backwards
// and at most limit of them. It does not look before floor.
func runBack(s string, i, limit, floor int, ok func(byte) bool) int {
	start := max(floor, i-limit)
	for i > start && ok(s[i-1]) {
		i--
	}
	return i
}

// isOneOf reports whether set has c. The sets are short: a loop that is inlined is
// faster than a call.
func isOneOf(c byte, set string) bool {
	for i := range len(set) {
		if set[i] == c {
			return true
		}
	}
	return false
}
