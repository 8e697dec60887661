package texts

import "strings"

// maxToken bounds the size of one token. A JSON web token with many claims has
// a few kilobytes.
const maxToken = 8 << 10

// A tokenShape describes the tokens of one issuer.
type tokenShape struct {
	prefix string
	least  int // how many bytes follow the prefix at least
}

// tokenShapes are the shapes, by the first byte of their prefixes. The issuers
// document the prefixes so that leaked tokens can be found:
// https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
var tokenShapes = func() (t [256][]tokenShape) {
	for _, shape := range []tokenShape{
		{"AKIA", 12}, {"ASIA", 12}, {"ABIA", 12}, {"ACCA", 12}, // AWS
		{"AIza", 30}, {"GOCSPX-", 20}, {"ya29.", 20}, // Google
		{"ghp_", 16}, {"gho_", 16}, {"ghu_", 16}, {"ghs_", 16}, {"ghr_", 16}, {"github_pat_", 16},
		{"glpat-", 16}, {"glrt-", 16}, {"gldt-", 16}, {"glcbt-", 16}, {"glptt-", 16},
		{"sk_live_", 8}, {"sk_test_", 8}, {"pk_live_", 8}, {"pk_test_", 8}, {"rk_live_", 8}, {"rk_test_", 8}, {"whsec_", 16},
		{"xoxb-", 8}, {"xoxp-", 8}, {"xoxa-", 8}, {"xoxr-", 8}, {"xoxs-", 8}, {"xoxe-", 8}, {"xapp-", 8},
		{"npm_", 20}, {"pypi-", 20}, {"dop_v1_", 20}, {"hf_", 20}, {"shpat_", 16}, {"shpss_", 16},
		{"sk-", 20}, {"SG.", 30}, {"sntrys_", 20}, {"sntryu_", 20}, {"lin_api_", 16}, {"dckr_pat_", 16},
		{"ATATT3", 20}, {"hvs.", 20}, {"age-secret-key-1", 20}, {"AGE-SECRET-KEY-1", 20},
		{"hooks.slack.com/services/", 20}, {"discord.com/api/webhooks/", 20}, {"api.telegram.org/bot", 20},
	} {
		t[shape.prefix[0]] = append(t[shape.prefix[0]], shape)
	}
	return t
}()

func isWebhookByte(c byte) bool { return isTokenByte(c) || c == '/' || c == ':' }

// token returns the end of a token that begins at i and is recognised by its
// shape, or i:
//
//	ghp_16C7e42F292c6912E7710c838347Ae178B4a
//	hooks.slack.com/services/T0/B0/X1
func (x *scanner) token(i int) int {
	rest := x.s[i:]
	if rest[0] == 'e' && strings.HasPrefix(rest, "eyJ") {
		return x.jwt(i)
	}
	for _, shape := range tokenShapes[rest[0]] {
		if !strings.HasPrefix(rest, shape.prefix) {
			continue
		}
		ok := isTokenByte
		switch {
		case strings.HasSuffix(shape.prefix, "."):
			ok = isJWTByte
		case strings.Contains(shape.prefix, "/"): // the URL itself is the secret
			ok = isWebhookByte
		}
		end := run(x.s, i+len(shape.prefix), maxToken, ok)
		if end-i-len(shape.prefix) >= shape.least && hasDigit(x.s[i+len(shape.prefix):end]) {
			return end
		}
	}
	return i
}
