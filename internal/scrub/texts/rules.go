package texts

import "sync"

// A rule reads one construct. Its samples say what that is: the tests hold that
// the scrubber hides the one half of each sample and leaves the other as it is.
type rule struct {
	// at has the bytes at which read is called.
	at string
	// kind says what makes the text secret.
	kind    kind
	read    func(x *scanner, i int) int
	samples []sample
}

// A kind says what makes a text secret. It decides in which order the views of a
// text with escapes are read. Rules by name read the outermost view first, in
// which an escaped quote is a part of the value. Rules by shape read the innermost
// view first, in which the line break that is written as \n is none of the letters
// of the next word.
type kind uint8

const (
	byShape kind = 1 << iota
	byName
)

// A wordRule is a rule for a whole word, s[i:end]: letters, digits and
// underscores. It is called for words of at least least bytes that begin with
// one of the bytes in at, and with two of the bytes in with, in any case, if
// there are any.
type wordRule struct {
	at      string
	with    []string
	least   int
	kind    kind
	read    func(x *scanner, i, end int) int
	samples []sample
}

// A sample is a text in which a rule hides something, and a text that looks like
// it and stays.
type sample struct {
	text, hides string
	innocent    string
}

const (
	digits  = "0123456789"
	capital = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	small   = "abcdefghijklmnopqrstuvwxyz"
)

// rules are called in this order where several of them begin with one byte.
var rules = []rule{
	// What is secret by its shape.
	{":", byShape, (*scanner).url, []sample{
		{"postgres://bob:hunter2@db/app", "hunter2", "https://example.com:8080/@user"},
		{"redis://:hun ter2@cache: refused", "hun ter2", "https://example.com/a:b@c"},
		{"https://0123456789abcdef@o1.example.com/42", "0123456789abcdef", "https://example.com/42"},
	}},
	{":", byShape, (*scanner).ipv6, []sample{
		{"dial tcp [2001:db8::1]:443: refused", "2001", "dial tcp [::1]:443: refused"},
		{"addr:fe80::1%eth0 is up", "fe80", "std::vector<int>::at"},
	}},
	{":-", byShape, (*scanner).mac, []sample{
		{"ether 4a:00:04:10:9b:50 is up", "4a:00", "at 12:30:45 and 10:09:08"},
		{"ether 4A-00-04-10-9B-50 is up", "4A-00", "on 20-01-02-03-04"},
	}},
	{"=", byShape, (*scanner).mimeWord, []sample{
		{"From: =?utf-8?Q?bob=40example.com?= bounced", "bob=40", "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe_an_alle?= bounced"},
	}},
	{"$", byShape, (*scanner).crypt, []sample{
		{"hash $2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy is old", "N9qo8uLO", "hash $5$ is not supported"},
		{"bob:$apr1$x7Kd0.a1$8MLaE7u9NqWuVhyMGw0nA0:", "x7Kd0", "WHERE a = $1 AND b = $2"},
	}},
	{"@", byShape, (*scanner).login, []sample{
		{"bob:hunter2@tcp(db:3306)/app: refused", "hunter2", "nginx:1.25@sha256:0123456789abcdef"},
		{"bob:hunter2@/app: refused", "hunter2", "100% of 5:7@10"},
		{"scott/tiger@//db:1521/app: refused", "tiger", "actions/checkout@v4 failed"},
		{"[bob:hunter@db:3306] refused", "hunter", "WARN [LeaseRenewer:hadoop@node-41:9000] org.apache: retry"},
	}},
	{"@", byShape, (*scanner).email, []sample{
		{"no account for bob.smith@example.com, sorry", "bob.smith", "golang.org/x/net@v1.2.3-rc.one"},
	}},
	{"-", byShape, (*scanner).pem, []sample{
		{"-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY----- ok", "MIIE", "-----BEGIN CERTIFICATE-----\nMIIE"},
	}},
	{"/\\", byShape, (*scanner).home, []sample{
		{"open /home/bob/x: no", "bob", "GET https://example.com/home/page"},
		{"open /Volumes/Macintosh HD/Users/bob/x: no", "bob", "open /Volumes/Macintosh HD/Library/x: no"},
		{"open /home/corp.example/bob/x: no", "bob", "open ./home/corp.example/x: no"},
		{`open C:\Users\bob\x: no`, "bob", `open C:\Windows\System32\x: no`},
		{"open /data/user/10/org.example.app/x: no", "org.example.app", "open /data/cache/x: no"},
		{"open /root/../home/./bob//x: no", "bob", "open ./../home/x: no"},
		{`open \\fs01\home$\bob\x: no`, "bob", `open \\fs01\public$\x: no`},
		{`open \\wsl$\Ubuntu\home\bob\x: no`, "bob", "./home/x"},
	}},
	{"~", byShape, (*scanner).tilde, []sample{
		{"open ~bob/x: no", "bob", "open ~/x: no"},
	}},
	// What is secret because of a name before it.
	{"=:", byName, (*scanner).pair, []sample{
		{"password=hunter2 user=bob", "hunter2", "password= user=bob"},
		{`{"password": "hunter2"}`, "hunter2", `{"password": null}`},
		{"{User:bob Password:hunter two Age:3}", "hunter two", "{Password: User:bob}"},
		{"Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", "authority: example"},
		{"api key: abc-def-1", "abc-def-1", "cache key: users/5"},
		{`$apiToken .= "abc123def"`, "abc123def", "password == given"},
		{`var apiToken string = "abc123def"`, "abc123def", "var tokens []string = nil"},
		{"token := 5f3a0b1c2d4e6f708192a3b4c5d6e7f8", "5f3a0b1c", "token := next5"},
		{`environ["API_KEY"] = "abc123def"`, "abc123def", `environ["KEY"] = "abc123def"`},
		{"'password' => 'hunter2'", "hunter2", "primary_key => 5"},
		{"password: |\n  hunter2\nuser: bob", "hunter2", "password: must not be empty"},
		{`{"name":"password","value":"hunter2"}`, "hunter2", `{"name":"city","value":"Rome"}`},
		{"user bob (auth:x9f3k2), ok", "x9f3k2", "user bob (auth:SIMPLE), ok"},
		{"login failed: jwt: 0a1b2c3d4e5f", "0a1b2c3d4e5f", "jwt: signature is invalid"},
		{`{"value":"hunter2","name":"password"}`, "hunter2", `<input value="Rome" name="city">`},
		{"Password: (string) (len=7) \"hunter2\",", "hunter2", "Size: (string) (len=5) \"small\","},
		{"password:\n  tr0ub4dor\nuser: bob", "tr0ub4dor", "password:\n  is not set\n"},
		{"password = '''\nhunter2\n'''\nn = 1", "hunter2", "password = ''''''\nn = 1"},
		{"GET /callback?code=4/0AX4XfWhn3feQ2b&scope=email", "0AX4XfWhn3feQ2b", "GET /status?code=INVALID_ARGUMENT&n=1"},
		{"mnemonic=legal winner thank year", "winner", "mnemonic: wrong checksum"},
		{"pаssword=hunter2", "hunter2", "раsсal=hunter"},
		{"пароль: hunter2", "hunter2", "ошибка: файл не найден"},
		{"dup key: { phone: \"+47 912\" }", "912", "primary key: { id: 5 }"},
	}},
	{"=", byName, (*scanner).multipart, []sample{
		{"form-data; name=\"password\"\r\n\r\nhunter2\r\n--b", "hunter2", "form-data; name=\"city\"\r\n\r\nRome\r\n--b"},
	}},
	{",", byName, (*scanner).argument, []sample{
		{`Setenv("DB_PASSWORD", "hunter2")`, "hunter2", `fields("password", "username", "email")`},
		{`[["Authorization","Basic abc"],["Accept","*/*"]]`, "abc", `["password", "username", "email"]`},
		{`['password', 'tr0ub4dor']`, "tr0ub4dor", `["password", "username"]`},
	}},
	{"-", byName, (*scanner).flag, []sample{
		{"app --password hunter2 --user bob", "hunter2", "flag needs an argument: --password"},
		{`["app", "-token", "abc"]`, "abc", "--token flag is required"},
		{"curl -u bob:hunter2 example.com", "hunter2", "curl -u bob example.com"},
		{"mysql -u bob -phunter2 app: exit status 1", "hunter2", "mysql -u bob -p app: exit status 1"},
		{"sshpass -p hunter2 ssh example.com", "hunter2", "ssh -p 2222 example.com"},
		{"ldapsearch -D cn=admin -w hunter2 -b dc=x", "hunter2", "grep -w hunter -b dc=x"},
		{"docker login -p hunter2", "hunter2", "usage: login [--password FILE] <user>"},
		{"token - '5f3a0b1c2d4e6f708192a3b4c5d6e7f8'", "5f3a0b1c", "token - 'not given'"},
	}},
	{"\t|>,", byName, (*scanner).cell, []sample{
		{"password\thunter2\nuser\tbob", "hunter2", "password\tlogin\nuser\tbob"},
		{"|password|hunter2|", "hunter2", "|password|user|"},
		{"password -> tr0ub4dor", "tr0ub4dor", "password -> hash"},
		{"(password,tr0ub4dor)", "tr0ub4dor", "(password,user2name,email)"},
	}},
	{">", byName, (*scanner).element, []sample{
		{"<password>hunter2</password>", "hunter2", "at <.Password>: can't evaluate field"},
		{`<wsse:Password Type="x">hunter2</wsse:Password>`, "hunter2", `<city name="password">Rome</city>`},
		{"<password><![CDATA[hunter2]]></password>", "hunter2", "<city><![CDATA[Rome]]></city>"},
	}},
	{"(", byName, (*scanner).columns, []sample{
		{`Key (email, name)=(bob, Bob Smith) already exists.`, "Bob Smith", "f (a)=(b)"},
		{`Key (lower(name))=(bob smith) already exists.`, "bob smith", "(lower(name))=(bob smith)"},
		{`Failing row contains (1, bob, null).`, "bob", "the set contains (1, 2)"},
	}},
}

// wordRules are the same for words.
var wordRules = []wordRule{
	{capital + small, tokenStarts, 2, byShape, (*scanner).token, []sample{
		{"ghp_16C7e42F292c6912E7710c838347Ae178B4a is bad", "ghp_16C7", "ghp_short is bad"},
		{"AKIAIOSFODNNQEXAMPLE is bad", "AKIA", "AKIA is bad"},
		{"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl", "eyJ is a prefix"},
		{"hooks.slack.com/services/T000/B000/XXXX1XXXXXXX", "B000", "hooks.slack.com/services/"},
	}},
	{digits, nil, 1, byShape, (*scanner).number, []sample{
		{"from 10.1.2.3:80, ok", "10.1.2.3", "version 10.1.2.3, ok"},
		{"GET /hosts/10.1.2.3/status", "10.1.2.3", "/opt/app/1.2.3.4/bin/app"},
		{"dial 10.1.2.3.nip.io", "10.1.2.3", "app-1.2.3.4.tar.gz"},
		{"dial ip-10-1-2-3.ec2.internal", "10-1-2-3", "step-1-2-3-4"},
		{"from ~192.168.1.20 on", "192.168", "package base~amd64~~10.0.1.0 is old"},
		{"card 4111 1111 1111 1111 declined", "4111", "order 1234567890123456 not found"},
		{"my SSN is 078-05-1120", "078-05", "at 2026-01-02"},
		{"SSN 078 05 1120 is taken", "05 1120", "sizes 078 05 1120 are known"},
		{"phone 490154203237518 is blocked", "490154203237518", "order 490154203237517 is blocked"},
		{"phone 49-015420-323751-8 is blocked", "323751", "order 49-015420-323751-7 is blocked"},
	}},
	{"0", nil, 42, byShape, (*scanner).wallet, []sample{
		{"to 0x52908400098527886E0F7030069857D2E4169EE7 failed", "5290840", "at 0xc000012345 in f"},
	}},
	{digits + capital + small, nil, 10, byShape, (*scanner).encoded, []sample{
		{"body cGFzc3dvcmQ9eA== refused", "cGFzc3dvcmQ9eA", "body aGVsbG8gd29ybGQ= refused"},
		{"data: YWRtaW46Y29ycmVjdCBob3JzZQ==", "YWRtaW46", "data: YXQgMTA6MzA6IG9r"},
		{"body 70617373776f72643d68756e74657232 refused", "70617373", "trace 4bf92f3577b34da6a3ce929d0e0e4736"},
	}},
	{"0", []string{"00"}, 8, byName, (*scanner).hexDump, []sample{
		{"00000000  70 61 73 73 77 6f 72 64  3d 68 75 6e 74 65 72 32  |password=hunter2|", "68 75 6e", "00000000  61 74 20 31 30 3a 33 30  20 6f 6b 20 6f 6b 20 6f  |at 10:30 ok ok o|"},
	}},
	{"seSE", []string{"ss", "ec"}, 3, byShape, (*scanner).publicKey, []sample{
		{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq bob@laptop", "bob", "ssh-ed25519 key of laptop"},
	}},
	{digits + capital + small, nil, leastRandom, byShape, (*scanner).random, []sample{
		{"key oxpf4a93fjovt0v1z6lltcbcizlrml98 rejected", "oxpf4a93", "commit 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567"},
		{"key RdeidRutJuADoVDqPyuIodVhcFnZIqXAfb rejected", "RdeidRut", "TestHTTP2ServerShutdownTimeout failed"},
	}},
	{"iI", []string{"is"}, 2, byName, (*scanner).said, []sample{
		{"the password is hunter2, he said", "hunter2", "the password is wrong, he said"},
		{"the api key is 'abc-def'", "abc-def", "the cache key is 'abc-def'"},
		{"your verification code is 448812", "448812", "the exit code is 448812"},
	}},
	{capital, nil, 4, byShape, (*scanner).iban, []sample{
		{"to DE89370400440532013000, ok", "DE89", "NO938601111794 is too short"},
		{"to DE89 3704 0044 0532 0130 00, ok", "3704", "see DE12 or DE13"},
	}},
	{"bBdDnN", []string{"be", "ba", "ne", "nt"}, 4, byShape, (*scanner).httpAuth, []sample{
		{"sent Bearer abc.def.ghi twice", "abc.def.ghi", "Bearer authentication is required"},
		{"sent Basic dXNlcjpwYXNzdw== twice", "dXNlcjpwYXNzdw", `WWW-Authenticate: Basic realm="x"`},
	}},
	{"tTsSkKcCmMpPaA", []string{"to", "se", "ke", "co", "mn", "ph", "au"}, 3, byName, (*scanner).named, []sample{
		{`token "q7Zr1vKp99aa" is expired`, "q7Zr", `token "IDENT2" is not allowed`},
		{"TOTP secret JBSWY3DPEHPK3PXP rejected", "JBSWY3", "secret default-token-x7k2p not found"},
		{"private key 4c0883a69102937d6231471b5dbb6204 is bad", "4c0883", "cache key 4c0883a69102937d6231471b5dbb6204 is cold"},
		{"otp code 448812 expired", "448812", "exit code 448812 is unknown"},
		{`recovery phrase "legal winner thank year" is bad`, "winner", `the phrase "legal winner" is bad`},
		{"AUTH bob tr0ub4dor: WRONGPASS", "tr0ub4dor", "AUTH SCRAM-SHA-256 is not supported"},
	}},
	{"pPbBkKeE", []string{"pa", "pw", "by", "ke", "en", "po"}, 2, byName, (*scanner).phrase, []sample{
		{`wrong password "hunter2" for bob`, "hunter2", `cookie "theme" not set`},
		{"IDENTIFIED BY 'hunter2'", "hunter2", "sorted by 'name'"},
		{"IDENTIFIED WITH caching_sha2_password BY 'hunter2'", "hunter2", "filled with water by 'hand'"},
		{`parse "a": invalid port ":hun" after host`, "hun", `no port "ttyS0" here`},
		{"machine ftp.example.com login bob password swordfish", "swordfish", "the machine has a login with a password swordfish knows"},
		{"bind with password tr0ub4dor! failed", "tr0ub4dor", "a password sha256 or argon2id can read"},
		{"Duplicate entry 'bob' for key 'users.name'", "bob", "no entry 'bob' here"},
	}},
}

// rulesAt has the rules for each byte, see prepare.
var rulesAt [256][]*rule

// A ruleSet is a set of wordRules, by their indexes.
type ruleSet uint16

// readWord has what wordRules read with.
var readWord [16]func(x *scanner, i, end int) int

// The rules for a word are those that all of these have for it, see prepare: for
// almost every word there is none.
var (
	rulesByFirst  [256]ruleSet
	rulesByStart  [32][32]ruleSet // by the letters with which it begins, in any case
	rulesByLength [64]ruleSet
	rulesByKind   [byShape | byName + 1]ruleSet
)

// prepare fills the tables. The tables can not be initialised by expressions,
// because the rules refer to them.
var prepare = sync.OnceFunc(func() {
	for i := range rules {
		for _, c := range []byte(rules[i].at) {
			rulesAt[c] = append(rulesAt[c], &rules[i])
			classes[c] = mark
		}
	}
	for i := range wordRules {
		r, bit := &wordRules[i], ruleSet(1)<<i
		readWord[i] = r.read
		for _, c := range []byte(r.at) {
			rulesByFirst[c] |= bit
		}
		for n := r.least; n < len(rulesByLength); n++ {
			rulesByLength[n] |= bit
		}
		for k := range rulesByKind {
			if kind(k)&r.kind != 0 {
				rulesByKind[k] |= bit
			}
		}
		for _, start := range r.with {
			rulesByStart[start[0]&31][start[1]&31] |= bit
		}
		if r.with == nil {
			for a := range rulesByStart {
				for b := range rulesByStart[a] {
					rulesByStart[a][b] |= bit
				}
			}
		}
	}
})
