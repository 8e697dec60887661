package texts

import "strings"

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
	inFours := groups == 4 && n == 16 && group == 4
	if !isCard(digits[:n]) && !(inFours && issued(digits[:n])) {
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

// isCard tells the number of a card, or of a telephone, from other numbers. Its first digits and
// its length must be those of an issuer, and its check digit must be right. The
// check digit alone is right for one number in ten, and so for many ids and
// times in nanoseconds.
func isCard(digits []byte) bool {
	return len(digits) >= minCard && (issued(digits) || isIMEI(digits)) && luhn(digits)
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

// The serial number of a telephone, its IMEI, has a check digit like that of a card
// and begins with the number of who has given it out.
// https://en.wikipedia.org/wiki/Reporting_Body_Identifier
const imeiDigits = 15

var imeiIssuers = [100]bool{1: true, 10: true, 30: true, 33: true, 35: true, 44: true, 45: true, 49: true, 50: true,
	51: true, 52: true, 53: true, 54: true, 86: true, 91: true, 98: true, 99: true}

func isIMEI(d []byte) bool { return len(d) == imeiDigits && imeiIssuers[int(d[0])*10+int(d[1])] }

// imei returns the end of the number of a telephone that is written in its parts and
// begins at s[i], or i:
//
//	49-015420-323751-8
func imei(s string, i int) int {
	const form = "dd-dddddd-dddddd-d"
	end := i + len(form)
	if i > 0 && partOfNumber(s[i-1]) || end > len(s) || end < len(s) && partOfNumber(s[end]) && s[end] != '.' || !hasForm(s[i:end], form, '-') {
		return i
	}
	var digits [imeiDigits]byte
	for n, next := 0, 0; n < len(form); n++ {
		if form[n] == 'd' {
			digits[next] = s[i+n] - '0'
			next++
		}
	}
	if !isCard(digits[:]) {
		return i
	}
	return end
}

// hasForm reports whether s has a digit for each d of a form of the same length, and
// the separator elsewhere.
func hasForm(s, form string, separator byte) bool {
	for n := range len(form) {
		if form[n] == 'd' && !isDigit(s[n]) || form[n] != 'd' && s[n] != separator {
			return false
		}
	}
	return true
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

// socialSecurity returns the end of a social security number of the USA that
// begins at i, or i:
//
//	078-05-1120
//	SSN 078 05 1120
//
// https://www.ssa.gov/employer/randomizationfaqs.html says which are not used.
func socialSecurity(s string, i int) int {
	const form = "ddd-dd-dddd"
	end := i + len(form)
	if i > 0 && partOfNumber(s[i-1]) || end > len(s) || end < len(s) && partOfNumber(s[end]) && s[end] != '.' {
		return i
	}
	named := i > 3 && strings.EqualFold(s[i-4:i-1], "ssn")
	if separator := s[i+3]; !hasForm(s[i:end], form, separator) || separator != '-' && !(named && isOneOf(separator, " .")) {
		return i
	}
	area, group, serial := s[i:i+3], s[i+4:i+6], s[i+7:end]
	if area == "000" || area == "666" || area[0] == '9' || group == "00" || serial == "0000" {
		return i
	}
	return end
}

// ibanLengths have the lengths of the numbers of bank accounts, by country.
// https://www.swift.com/standards/data-standards/iban-international-bank-account-number
const ibanLengths = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 " +
	"EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 " +
	"LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 " +
	"QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"

// iban reads the number of a bank account, which begins with the word s[i:end]:
//
//	DE89370400440532013000
//	DE89 3704 0044 0532 0130 00
//
// The check digits are not looked at: a number with a typing error is that of a
// person, too.
func (x *scanner) iban(i, end int) int {
	if !isUpper(x.s[i+1]) || !isDigit(x.s[i+2]) || !isDigit(x.s[i+3]) || i > 0 && partOfNumber(x.s[i-1]) {
		return i
	}
	at := strings.Index(ibanLengths, x.s[i:i+2])
	if at < 0 || at%len("AD24 ") != 0 {
		return i
	}
	length := int(ibanLengths[at+2]-'0')*10 + int(ibanLengths[at+3]-'0')
	count, numbers, last := 0, 0, i
	for last < len(x.s) && count < length {
		switch c := x.s[last]; {
		case isDigit(c):
			numbers++
			fallthrough
		case isUpper(c):
			count++
		case c == ' ' && count%4 == 0: // in groups of four
		default:
			return i
		}
		last++
	}
	if count < length || last < len(x.s) && (partOfNumber(x.s[last]) && x.s[last] != '.') || numbers < length/2 {
		return i
	}
	return x.replace(i, last, Filtered)
}
