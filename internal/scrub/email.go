package scrub

import "strings"

// Bounds of an address, RFC 5321 section 4.5.3.1.
const (
	maxLocal  = 64
	maxDomain = 255
)

// isLocalByte accepts what stands before the @ in addresses that people have.
// Other scripts do as well; RFC 6531.
func isLocalByte(c byte) bool {
	return isAlnum(c) || c >= 0x80 || strings.IndexByte(".!#$%&'*+-/=?^_`{|}~", c) >= 0 && strings.IndexByte("/=&'`{}|?!%", c) < 0
}

func isDomainByte(c byte) bool { return isAlnum(c) || c == '-' || c == '.' || c >= 0x80 }

// at looks at the @ s[i:next], which is %40 in a URL: of credentials, of an
// e-mail address.
func (x *scanner) at(i, next int) int {
	if end := x.login(i, next); end > i {
		return end
	}
	end := run(x.s, next, maxDomain, isDomainByte)
	for end > next && (x.s[end-1] == '.' || x.s[end-1] == '-') {
		end--
	}
	if !isMailDomain(x.s[next:end]) && x.ipv4(next) == next {
		return i
	}
	from := x.local(i)
	if from == i {
		return i
	}
	return x.replace(from, end, emailRemoved)
}

// local returns the start of what stands before the @ at i.
func (x *scanner) local(i int) int {
	if i > x.done && x.s[i-1] == '"' { // "john doe"@example.com
		low := max(x.done, i-maxLocal)
		if open := strings.LastIndexByte(x.s[low:i-1], '"'); open >= 0 {
			return low + open
		}
		return i
	}
	from := runBack(x.s, i, maxLocal, x.done, isLocalByte)
	if from > x.done && x.s[from-1] == '%' && i-from > 2 && isHex(x.s[from]) && isHex(x.s[from+1]) {
		from += 2 // the blank in "to%20bob@example.com"
	}
	for from < i && x.s[from] == '.' {
		from++
	}
	return from
}

// isMailDomain reports whether a domain can take mail: labels, and a name at
// the top. v1.2.3-rc.one is the version of a module.
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
