package texts

// The numbers of payment cards have 13 to 19 digits.
// https://en.wikipedia.org/wiki/Payment_card_number
const (
	minCard = 13
	maxCard = 19
)

// IsCardNumber reports whether digits is the number of a payment card.
func IsCardNumber(digits string) bool {
	return len(digits) >= minCard && len(digits) <= maxCard && card(digits, 0) == len(digits)
}

// card returns the end of the number of a payment card that begins at s[i], or
// i:
//
//	4111111111111111
//	4111 1111 1111 1111
//	3782-822463-10005
func card(s string, i int) int {
	if i > 0 && partOfNumber(s[i-1]) {
		return i
	}
	var digits [maxCard]byte
	n, end, group, groups := 0, i, 0, 1
	separator := byte(0)
	for end < len(s) {
		c := s[end]
		if isDigit(c) {
			if n == maxCard {
				return i
			}
			digits[n] = c - '0'
			n++
			group++
			end++
			continue
		}
		if c != ' ' && c != '-' || separator != 0 && c != separator ||
			end+1 >= len(s) || !isDigit(s[end+1]) || group < 4 || group > 6 {
			break
		}
		separator = c
		group = 0
		groups++
		end++
	}
	if groups > 5 || end < len(s) && (partOfNumber(s[end]) && s[end] != '.' || fraction(s, end)) {
		return i
	}
	if !isCard(digits[:n]) {
		return i
	}
	return end
}

// partOfNumber reports whether the byte c beside digits makes them a part of
// something else: a word, a fraction, a UUID.
func partOfNumber(c byte) bool { return isWord(c) || c == '.' || c == '-' }

// fraction reports whether s[i] is the point of a fraction.
func fraction(s string, i int) bool {
	return s[i] == '.' && i+1 < len(s) && isDigit(s[i+1])
}

// isCard tells the number of a card from other numbers. Its first digits and
// its length must be those of an issuer, and its check digit must be right. The
// check digit alone is right for one number in ten, and so for many ids and
// times in nanoseconds.
func isCard(digits []byte) bool {
	return len(digits) >= minCard && issued(digits) && luhn(digits)
}

// issued reports whether an issuer has numbers that begin like this and have
// this length.
func issued(d []byte) bool {
	two := int(d[0])*10 + int(d[1])
	four := two*100 + int(d[2])*10 + int(d[3])
	switch n := len(d); {
	case d[0] == 4: // Visa
		return n == 13 || n == 16 || n == 19
	case two == 34 || two == 37: // American Express
		return n == 15
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720: // Mastercard
		return n == 16
	case four == 6011, two == 65, four >= 6440 && four <= 6499: // Discover
		return n == 16 || n == 19
	case two == 62: // UnionPay
		return n >= 16
	case two == 50, two >= 56 && two <= 58, two == 67: // Maestro
		return n == 16 || n == 18 || n == 19
	case two == 30, two == 36, two == 38, two == 39: // Diners Club
		return n == 14 || n == 16
	case four >= 3528 && four <= 3589: // JCB
		return n == 16
	}
	return false
}

// luhn reports whether the last digit is the check digit of the others.
func luhn(d []byte) bool {
	sum := 0
	for i, v := range d {
		add := int(v)
		if (len(d)-i)%2 == 0 {
			if add *= 2; add > 9 {
				add -= 9
			}
		}
		sum += add
	}
	return sum%10 == 0
}
