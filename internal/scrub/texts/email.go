package texts

import "strings"

// The longest parts of an e-mail address; RFC 5321, section 4.5.3.1.
const (
	maxLocal  = 64
	maxDomain = 255
)

// isLocalByte accepts the bytes of the part before the @. The grammar also
// allows /=&'`{}|?!%, but these are more likely to separate an address from the
// text around it. Letters of other scripts are allowed by RFC 6531.
func isLocalByte(c byte) bool {
	return isAlnum(c) || c >= 0x80 || isOneOf(c, ".#$*+-^_~")
}

func isDomainByte(c byte) bool { return isAlnum(c) || c == '-' || c == '.' || c >= 0x80 }

// email reads an e-mail address. The @ is at i:
//
//	bob@example.com
//	o'brien@example.com
//	"bob smith"@example.com
//	bob@10.1.2.3
func (x *scanner) email(i int) int {
	next := i + 1
	from := x.local(i)
	if from == i {
		return i
	}
	end := run(x.s, next, maxDomain, isDomainByte)
	for end > next && (x.s[end-1] == '.' || x.s[end-1] == '-') {
		end--
	}
	if !isMailDomain(x.s[next:end]) && x.ipv4(next) == next {
		return i
	}
	return x.replace(from, end, emailRemoved)
}

// local returns the start of the local part of an address, which ends at the @
// at i.
func (x *scanner) local(i int) int {
	if i > x.done && x.s[i-1] == '"' { // "john doe"@example.com
		low := max(x.done, i-maxLocal)
		if open := strings.LastIndexByte(x.s[low:i-1], '"'); open >= 0 {
			return low + open
		}
		return i
	}
	from := runBack(x.s, i, maxLocal, x.done, isLocalByte)
	if from-1 > x.done && x.s[from-1] == '\'' && from < i && isAlpha(x.s[from]) && isAlpha(x.s[from-2]) { // o'brien
		from = runBack(x.s, from-1, maxLocal, x.done, isAlpha)
	}
	for from < i && x.s[from] == '.' {
		from++
	}
	return from
}

// isMailDomain reports whether a domain can take mail: it has labels, and a
// name as its last one. The version of a module, v1.2.3-rc.one, is not a
// domain.
func isMailDomain(domain string) bool {
	dot := strings.LastIndexByte(domain, '.')
	if dot <= 0 || len(domain)-dot-1 < 2 {
		return false
	}
	if top := domain[dot+1]; !isAlpha(top) && top < 0x80 {
		return false
	}
	if strings.Contains(domain, "..") {
		return false
	}
	first, second, _ := strings.Cut(domain, ".")
	version := len(first) > 1 && lower(first[0]) == 'v' && isDigit(first[len(first)-1]) && isDigit(second[0])
	return !version
}
