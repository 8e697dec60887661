package texts

import "strings"

// flag reads a flag of a command line whose value is the next argument. The
// dash is at i:
//
//	--password hunter2
//	["-token", "abc"]
//	--api-key 'a b'
//	curl -u bob:hunter2
//
// A flag with = is read by pair.
//
// A dash with blanks around it is no flag, but can stand between a name and a value.
func (x *scanner) flag(i int) int {
	if i > x.done && isBlank(x.s[i-1]) && i+2 < len(x.s) && isBlank(x.s[i+1]) && isQuote(x.s[i+2]) {
		return x.dashed(i)
	}
	if i > x.done && (isWord(x.s[i-1]) || isOneOf(x.s[i-1], "-.%]")) {
		return i
	}
	from := run(x.s, i, 2, func(c byte) bool { return c == '-' })
	end := run(x.s, from, maxName, func(c byte) bool { return isTokenByte(c) || c == '.' })
	if end == from || end >= len(x.s) {
		return i
	}
	if x.config.Sensitivity(x.s[from:end]) == NotSecret && !x.userFlag(from, end) {
		return x.shortFlag(i, from, end)
	}
	start := end
	if isQuote(x.s[start]) {
		start++
	}
	if start < len(x.s) && x.s[start] == ',' {
		start++
	}
	value := run(x.s, start, maxGap, isSpace)
	if strings.HasPrefix(x.s[value:], "<<<") { // login --password-stdin <<< x
		value = run(x.s, value+3, maxGap, isBlank)
	}
	if value == start && start < end+2 || value >= len(x.s) || x.s[value] == '-' {
		return i
	}
	if open := x.opening(value); open >= 0 {
		return x.quoted(open+1, x.s[open])
	}
	return x.operand(i, value, x.s[from:end])
}

// dashed reads a name and a value in quotes with a dash between them, if the value
// looks like a secret:
//
//	token - '5f3a0b1c2d4e6f708192a3b4c5d6e7f8'
func (x *scanner) dashed(i int) int {
	var f form
	f.sep = '-'
	open := i + 2
	to, _ := x.closing(open+1, x.s[open])
	if !x.name(&f, i) || !looksSecret(x.s[open+1:to]) || strings.Contains(x.s[open+1:to], " ") {
		return i
	}
	return x.quoted(open+1, x.s[open])
}

// userFlag reports whether the flag s[from:end] is that of a user, with a
// password in its value: -u bob:hunter2.
func (x *scanner) userFlag(from, end int) bool {
	if name := x.s[from:end]; name != "u" && name != "user" && name != "proxy-user" {
		return false
	}
	from = run(x.s, end, maxGap, isBlank)
	user := run(x.s, from, maxName, func(c byte) bool { return isTokenByte(c) || c == '.' || c == '@' || isQuote(c) })
	return user > from && user+1 < len(x.s) && x.s[user] == ':' && !isSpace(x.s[user+1])
}

// A toolFlag is the flag of one letter with which a tool takes a password: behind
// the flag, or attached to it.
type toolFlag struct {
	tool     string
	letters  string
	attached bool
}

var toolFlags = []toolFlag{
	{"mysql", "p", true}, {"mariadb", "p", true}, {"7z", "p", true},
	{"sshpass ", "p", false}, {" login ", "p", false}, {"zip ", "P", false}, {"ssh-keygen ", "NP", false},
	{"ldapsearch ", "w", false}, {"ldapmodify ", "w", false}, {"ldapadd ", "w", false}, {"redis-cli ", "a", false},
	{"mongo", "p", false}, {"smbclient ", "U", false}, {"rpcclient ", "U", false}, // user%password
}

// shortFlag reads the flags of tools that take a password. The dash is at i:
//
//	mysql -u bob -phunter2 app
//	sshpass -p hunter2 ssh host
func (x *scanner) shortFlag(i, from, end int) int {
	const longest = 128 // of the arguments before it
	if from != i+1 || !isOneOf(x.s[from], "pPNwaU") {
		return i
	}
	before := x.s[max(x.done, i-longest):i]
	before = before[strings.LastIndexAny(before, "\r\n;|&")+1:]
	for _, t := range toolFlags {
		if !isOneOf(x.s[from], t.letters) || !strings.Contains(before, t.tool) {
			continue
		}
		switch {
		case t.attached && end > from+1 && looksSecret(x.s[from+1:end]):
			for end < len(x.s) && !isSpace(x.s[end]) && !isQuote(x.s[end]) {
				end++
			}
			return x.replace(from+1, end, Filtered)
		case !t.attached && end == from+1 && isBlank(x.s[end]):
			return x.operand(i, run(x.s, end, maxGap, isBlank), t.letters)
		}
	}
	return i
}

// operand replaces the word that begins at start, the value of the flag with this
// name. It returns i if the word belongs to a text about the flag:
//
//	--token flag is required
//	usage: app --token TOKEN
func (x *scanner) operand(i, start int, name string) int {
	end := start
	for end < len(x.s) && !isSpace(x.s[end]) && !isQuote(x.s[end]) && x.s[end] != '\\' {
		end++
	}
	if end < len(x.s) && end > start && x.s[end-1] == ':' && isQuote(x.s[end]) { // bob:'hunter two'
		end, _ = x.closing(end+1, x.s[end])
	}
	for end > start && isOneOf(x.s[end-1], trailing) && placeholder(x.s[start:end]) != end-start {
		end--
	}
	word := x.s[start:end]
	if n := strings.IndexAny(word, ":="); n > 0 && x.config.Sensitivity(word[:n]) != NotSecret {
		return i // the next name, whose value is behind it
	}
	if end < len(x.s) && isOneOf(x.s[end], ":=") && x.config.Sensitivity(word) != NotSecret {
		return i
	}
	if word == "" || HidesNothing(word) || proseWords.words()[word] || isMetavariable(word) || strings.EqualFold(strings.Trim(word, "<>"), name) {
		return i
	}
	return x.replace(start, end, Filtered)
}

// isMetavariable reports whether a word stands for the value that a user has to
// give, as in the usage of a program: [--password FILE], -token string.
func isMetavariable(word string) bool {
	return metavariables.words()[strings.TrimRight(word, trailing)]
}

var metavariables = wordSet(`FILE PATH STRING VALUE NAME KEY TOKEN SECRET PASSWORD PASSWD PASS TEXT ARG DIR URL string value file`)

// argument reads a name and a value that are the last two arguments of a call, or
// a pair in a list of pairs. The comma between them is at i:
//
//	os.Setenv("DB_PASSWORD", "hunter2")
//	[["Authorization","Basic abc"],["Accept","*/*"]]
func (x *scanner) argument(i int) int {
	if i == x.done || !isQuote(x.s[i-1]) {
		return i
	}
	var f form
	if !x.quotedName(&f, i) || f.from < 2 {
		return i
	}
	call := x.s[f.from-2] == '(' || x.s[f.from-2] == ' ' || x.s[f.from-2] == ','
	list := x.s[f.from-2] == '['
	start := run(x.s, i+1, maxGap, isSpace)
	if start == len(x.s) || !call && !list {
		return i
	}
	open := x.opening(start)
	if open < 0 {
		return i
	}
	to, next := x.closing(open+1, x.s[open])
	last := next < len(x.s) && (call && x.s[next] == ')' || list && x.s[next] == ']')
	nested := call || isOneOf(x.byteBefore(f.from-2), "[,{")
	if !(last && nested) && !looksSecret(x.s[open+1:to]) {
		return i
	}
	return x.quoted(open+1, x.s[open])
}

// byteBefore returns the last byte before i that is no blank, or 0.
func (x *scanner) byteBefore(i int) byte {
	i = runBack(x.s, i, maxGap, x.done, isSpace)
	if i == x.done {
		return 0
	}
	return x.s[i-1]
}
