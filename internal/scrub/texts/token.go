package texts

import "strings"

// maxToken bounds how much of a token is looked at to tell what it is. A JSON web
// token with many claims has a few kilobytes.
const maxToken = 8 << 10

// A tokenShape describes the tokens of one issuer.
type tokenShape struct {
	prefix string
	least  int // how many bytes follow the prefix at least

	// words can follow the prefix too, as in npm_config_registry: only what looks
	// random is a token.
	words bool
}

// tokenShapes are the shapes. The issuers document the prefixes so that leaked
// tokens can be found:
// https://docs.github.com/en/code-security/secret-scanning/introduction/supported-secret-scanning-patterns
var tokenShapes = func() (list []tokenShape) {
	for _, of := range []struct {
		least    int
		prefixes string
		words    bool
	}{
		{8, "sk_live_ sk_test_ sk_prod_ pk_live_ pk_test_ rk_live_ rk_test_ rk_prod_", false}, // Stripe
		{8, "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xapp-", false},                               // Slack
		{12, "AKIA ASIA ABIA ACCA", false},                                                    // AWS
		{16, "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- glrt- gldt- glcbt- glptt-", false},
		{16, "shpat_ shpss_ shpca_ shppa_ whsec_ lin_api_ dckr_pat_", false},
		{20, "dop_v1_ doo_v1_ dor_v1_ sntrys_ sntryu_ ATATT3 hvs. hvb. GOCSPX- ya29. pypi- AGE-SECRET-KEY-1 age-secret-key-1", false},
		{30, "AIza SG.", false},
		{16, "lsv2_pt_ lsv2_sk_ NRBR- NRII- NRAK- NRRA-", false}, // LangSmith, New Relic
		{20, "glsa_ pscale_tkn_ pscale_pw_ pscale_oauth_ gsk_ xai- tskey- figd_ pat-na1- pat-eu1- sqp_ squ_ sqa_", false}, // Grafana, …, SonarQube
		{20, "shippo_live_ shippo_test_ pplx- nvapi- PMAK- rubygems_ sbp_ phx_ ntn_ pgar_ xoxo- EAAAE EAACE", false},
		{20, "hooks.slack.com/services/ discord.com/api/webhooks/ api.telegram.org/bot", false},
		{20, "outlook.office.com/webhook/ webhook.office.com/webhookb2/ fcm.googleapis.com/fcm/send/", false},
		{20, "sk- npm_ hf_ api_org_ secret_ dapi r8_", true},
	} {
		for _, p := range strings.Fields(of.prefixes) {
			list = append(list, tokenShape{prefix: p, least: of.least, words: of.words})
		}
	}
	return list
}()

// shapesAt are the tokenShapes by the first byte of their prefixes.
var shapesAt = func() (t [256][]tokenShape) {
	for _, shape := range tokenShapes {
		t[shape.prefix[0]] = append(t[shape.prefix[0]], shape)
	}
	return t
}()

// tokenStarts are the first two letters of all tokens.
var tokenStarts = func() (list []string) {
	for _, shape := range tokenShapes {
		list = append(list, shape.prefix[:2])
	}
	return append(list, "ey")
}()

func isWebhookByte(c byte) bool { return isTokenByte(c) || isOneOf(c, "/:@") }

// token reads a token that begins at i and is recognised by its shape:
//
//	ghp_16C7e42F292c6912E7710c838347Ae178B4a
//	hooks.slack.com/services/T0/B0/X1
func (x *scanner) token(i, _ int) int {
	rest := x.s[i:]
	if strings.HasPrefix(rest, "eyJ") {
		return x.jwt(i)
	}
	for _, shape := range shapesAt[rest[0]] {
		if rest[1] != shape.prefix[1] || !strings.HasPrefix(rest, shape.prefix) {
			continue
		}
		ok := isTokenByte
		switch {
		case strings.HasSuffix(shape.prefix, "."):
			ok = isJWTByte
		case strings.Contains(shape.prefix, "/"): // the URL itself is the secret
			ok = isWebhookByte
		}
		from := i + len(shape.prefix)
		end := min(x.tokenEnd(i), from+enough)
		if strings.ContainsAny(shape.prefix, "./") {
			end = run(x.s, from, enough, ok)
		}
		if end-from >= shape.least && (!shape.words || x.looksRandom(from, end)) && !isMask(x.s[from:end]) {
			return x.replace(i, run(x.s, end, len(x.s), ok), Filtered)
		}
	}
	return i
}

// enough bytes of a token tell whether it is one. Looking at all of it would take
// too long for a text like sk-sk-sk-…, in which another could begin at each of its
// words.
const enough = 64

func isJWTByte(c byte) bool { return isWord(c) || c == '-' || c == '.' || c == '=' }

// jwt reads a JSON web token that begins at i:
//
//	eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl
//
// The token is a header and claims, which are JSON objects in base64, and a
// signature. The base64 of {" begins with eyJ.
func (x *scanner) jwt(i int) int {
	const shortestHeader = 10 // the header {"a":"b"} is eyJhIjoiYiJ9
	head := x.tokenEnd(i)
	if head-i < shortestHeader || head >= len(x.s) || x.s[head] != '.' {
		return i
	}
	end := run(x.s, head, len(x.s), isJWTByte)
	for x.s[end-1] == '.' { // a full stop, which ends the sentence
		end--
	}
	if end-head < shortestHeader {
		return i
	}
	return x.replace(i, end, Filtered)
}

// tokenEnd returns the end of the bytes of a token from i on.
func (x *scanner) tokenEnd(i int) int { return x.around(&x.tokens, i, tokenBytes).to }
