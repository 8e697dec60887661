package texts

func isJWTByte(c byte) bool { return isWord(c) || c == '-' || c == '.' || c == '=' }

// jwt returns the end of a JSON web token that begins at i, or i:
//
//	eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
//
// The token is a header and claims, which are JSON objects in base64, and a
// signature. The base64 of {" begins with eyJ.
func (x *scanner) jwt(i int) int {
	const shortestHeader = 10 // the header {"a":"b"} is eyJhIjoiYiJ9
	head := run(x.s, i, maxToken, isTokenByte)
	if head-i < shortestHeader || head >= len(x.s) || x.s[head] != '.' {
		return i
	}
	end := run(x.s, head, maxToken, isJWTByte)
	for x.s[end-1] == '.' { // a full stop, which ends the sentence
		end--
	}
	if end-head < shortestHeader {
		return i
	}
	return end
}
