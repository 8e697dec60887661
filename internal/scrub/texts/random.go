package texts

const (
	// leastRandom is the length of the shortest word that is judged by its letters
	// alone. Shorter ones can be abbreviations with numbers in them.
	leastRandom = 20

	// oddPairs is the share of pairs of letters and digits, in per cent, that words
	// of people have not. Nine of ten tokens that are random have more of them, and
	// of the identifiers in the standard library none.
	oddPairs = 35
)

// random reads a word that nobody has thought of, s[i:end]: a token, a password
// of a manager, the address of a wallet. Hexadecimal numbers stay, because most of
// them are ids and hashes, and so do ULIDs, which are ids too.
//
//	oxpf4a93fjovt0v1z6lltcbcizlrml98
//	RdeidRutJuADoVDqPyuIodVhcFnZIqXAfb
func (x *scanner) random(i, end int) int {
	word := x.s[i:end]
	if isHexNumber(word) || isULID(word) || oddness(word) < oddPairs {
		return i
	}
	from := runBack(x.s, i, leastRandom, x.done, isBase64Byte)
	to := run(x.s, end, len(x.s), isBase64Byte)
	return x.replace(from, to, Filtered)
}

// isBase64Byte accepts the bytes of base64 but the slash, which more often ends an
// element of a path.
func isBase64Byte(c byte) bool { return isWord(c) || c == '+' || c == '=' || c == '-' }

// wallet reads the address of a wallet, a transaction or a key of Ethereum, which
// is the word s[i:end]. Addresses of memory have at most 16 digits.
//
//	0x52908400098527886E0F7030069857D2E4169EE7
func (x *scanner) wallet(i, end int) int {
	const shortest = 2 + 40
	if end-i < shortest || x.s[i:i+2] != "0x" || !isHexNumber(x.s[i+2:end]) {
		return i
	}
	return x.replace(i, end, Filtered)
}

func isHexNumber(s string) bool { return run(s, 0, len(s), isHex) == len(s) }

// isULID recognises ids that sort by time.
// https://github.com/ulid/spec
func isULID(s string) bool {
	const length = 26
	return len(s) == length && s[0] <= '7' && run(s, 0, length, func(c byte) bool {
		return isDigit(c) || isUpper(c) && !isOneOf(c, "ILOU")
	}) == length
}

// oddness returns how many of the pairs of neighbours in a word, in per cent, are
// none of the pairs in words of people. It looks at the first bytes only, because
// these are enough to tell.
func oddness(word string) int {
	word = word[:min(len(word), enough)]
	odd := 0
	for i := 1; i < len(word); i++ {
		odd += isOdd(word[i-1], word[i])
	}
	return 100 * odd / max(1, len(word)-1)
}

// The number of a letter in any case is that in the alphabet, and these are those of
// the other bytes.
const (
	aDigit = 26 + iota
	anUnderscore
	noLetter
)

// letterOf has the number of each byte, and oddAfter the set of the numbers that do
// not follow it.
var letterOf, oddAfter = func() (number [256]uint8, odd [256]uint32) {
	for i := range number {
		switch c := byte(i); {
		case isAlpha(c):
			number[c] = lower(c) - 'a'
			odd[c] = 1<<26 - 1 | 1<<aDigit
			for _, next := range []byte(followers[number[c]]) {
				odd[c] &^= 1 << (next - 'a')
			}
		case isDigit(c):
			number[c] = aDigit
			odd[c] = 1<<26 - 1 | 1<<noLetter
		case c == '_':
			number[c] = anUnderscore
		default:
			number[c] = noLetter
			odd[c] = 1 << aDigit
		}
	}
	return number, odd
}()

// followers are the letters that follow a, b, c… in nine of ten pairs within the
// words of the standard library's sources and of the documents of its users.
var followers = [26]string{
	"abcdefgiklmnprstuvwxy", "abcdefilorsuy", "abcdefghiklmnoprstuvy", "abcdefilmoprstuxy", "abcdefgilmnopqrstvwxy",
	"abcdefilmnoprstu", "aceghilnorstu", "aeiorstu", "abcdefglmnoprstvxz", "", "aegis", "acdefgilmnopstuy",
	"abdeilmopstu", "acdefgiklmnoprstuv", "abcdfgiklmnoprstuvw", "acdehikloprstu", "u", "abcdefgiklmnoprstuvy",
	"abcdeghiklmnopqrstuwy", "abcdefhilmnoprstuwxy", "abcdefgilmnprst", "acefimosv", "aeinors", "abcdefipstvx", "mnpst",
	"e",
}

// A census has what looksRandom asks of a part of a text, s[from:to]. Where tokens
// could begin again and again, as in sk-sk-sk-…, the next part is almost the same, and
// only what differs is counted.
type census struct {
	from, to                           int
	digits, underscores, capitals, odd int
}

// looksRandom reports whether what follows a prefix that words can follow too,
// s[from:to], is a token, and not one of these:
//
//	npm_config_node_gyp2
//	sk-fading-circle
func (x *scanner) looksRandom(from, to int) bool {
	c := &x.counted
	if from < c.from || from >= c.to || to < c.to {
		*c = census{from: from, to: from}
	}
	for ; c.to < to; c.to++ {
		if c.to > c.from {
			c.odd += isOdd(x.s[c.to-1], x.s[c.to])
		}
		c.count(x.s[c.to], 1)
	}
	for ; c.from < from; c.from++ {
		if c.from+1 < c.to {
			c.odd -= isOdd(x.s[c.from], x.s[c.from+1])
		}
		c.count(x.s[c.from], -1)
	}
	number := c.digits > 0 && (c.underscores == 0 || c.capitals > 0)
	return number || 100*c.odd/max(1, to-from-1) >= oddPairs
}

func (c *census) count(b byte, n int) {
	switch {
	case isDigit(b):
		c.digits += n
	case b == '_':
		c.underscores += n
	case isUpper(b):
		c.capitals += n
	}
}

func isOdd(a, b byte) int { return int(oddAfter[a] >> letterOf[b] & 1) }
