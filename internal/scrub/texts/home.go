package texts

import "strings"

// maxUser bounds the name of a user in a path, in bytes. No system allows
// longer ones.
const maxUser = 256

// homeShapes are the folders in which each user or each application of a user
// has a folder. They are compared with their case, as the systems do.
var homeShapes = []string{
	"/home/", "/Users/", "/data/user/0/", "/data/data/",
	"/var/mobile/Containers/Data/Application/", "/var/containers/Bundle/Application/",
}

// homePrefixes can be before one of the homeShapes and belong to the same path.
var homePrefixes = []string{"/private", "/usr", "/export", "/var", "/mnt/c", "/mnt/d", "/c", "/d", "/System/Volumes/Data"}

// usableHome returns a home directory in the form in which texts are compared
// with it. It returns "" for a path that is not absolute or that is too short,
// because it would remove too much from paths that say nothing about the user.
func usableHome(home string) string {
	home = strings.TrimRight(strings.TrimSpace(home), `/\`)
	path := home
	if len(path) >= 2 && isAlpha(path[0]) && path[1] == ':' {
		path = path[2:]
	}
	const shortest = 3 // a shorter path, such as /x, is more likely a folder of a container
	if len(path) < shortest || !isSlash(path[0]) || isSlash(path[1]) && path == home && path[0] == '/' {
		return ""
	}
	return home
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

// home reads a path to a home directory that begins at the slash or backslash
// at i, or at the drive before it. It replaces the home directory by ~ and
// keeps the rest of the path:
//
//	/home/bob/x
//	C:\Users\bob\x
func (x *scanner) home(i int) int {
	if end := x.knownHome(i); end > i {
		return end
	}
	if x.s[i] == '\\' {
		return x.windowsHome(i)
	}
	return x.unixHome(i)
}

// knownHome reads the configured home directory. The slash at i is the first
// byte of the directory, or follows its drive.
func (x *scanner) knownHome(i int) int {
	if x.config.home == "" {
		return i
	}
	from := i
	if !isSlash(x.config.home[0]) {
		from -= 2
	}
	if from < x.done || from > 0 && isWord(x.s[from-1]) || from > 0 && isSlash(x.s[from-1]) && isSlash(x.config.home[0]) && !x.file(from) {
		return i
	}
	end, ok := samePath(x.s[from:], x.config.home)
	if !ok {
		return i
	}
	end += from
	if end < len(x.s) && (isTokenByte(x.s[end]) || x.s[end] == '.' && end+1 < len(x.s) && isWord(x.s[end+1])) {
		return i // /home/bobby is not below /home/bob
	}
	return x.replace(from, end, homeRemoved)
}

// file reports whether the path at i is that of a file URL.
func (x *scanner) file(i int) bool { return strings.HasSuffix(x.s[x.done:i], "://") }

// samePath reports whether s begins with path, and returns the length of that
// beginning. On a drive, each separator can be a slash or a backslash, and case
// does not matter. A backslash can be doubled, as in a quoted string.
func samePath(s, path string) (n int, ok bool) {
	drive := !isSlash(path[0])
	for i := 0; i < len(path); i++ {
		if n >= len(s) {
			return 0, false
		}
		switch same := s[n] == path[i]; {
		case isSlash(path[i]) && isSlash(s[n]) && (same || drive):
			n++
			if s[n-1] == '\\' && n < len(s) && s[n] == '\\' {
				n++
			}
		case same, drive && lower(s[n]) == lower(path[i]):
			n++
		default:
			return 0, false
		}
	}
	return n, true
}

// unixHome reads a home directory with one of the homeShapes:
//
//	/home/bob
//	/Users/Bob Smith
//	/data/user/0/org.example.app
func (x *scanner) unixHome(i int) int {
	rest := x.s[i:]
	for _, shape := range homeShapes {
		if !strings.HasPrefix(rest, shape) {
			continue
		}
		drive := shape == "/Users/" && x.driveBefore(i)
		from, ok := x.pathStart(i)
		if drive {
			from, ok = i-2, true // C:/Users/bob
		}
		if !ok {
			return i
		}
		end := nameEnd(x.s, i+len(shape), '/', drive)
		if end == i+len(shape) {
			return i
		}
		return x.replace(from, end, homeRemoved)
	}
	return i
}

// pathStart returns where the path begins that has one of the homeShapes at i.
// It reports false if it is not the path of a file, such as github.com/Users/x.
func (x *scanner) pathStart(i int) (from int, ok bool) {
	before := x.s[x.done:i]
	for _, prefix := range homePrefixes {
		if strings.HasSuffix(before, prefix) {
			i -= len(prefix)
			break
		}
	}
	if i == x.done {
		return i, i == 0 || x.out[len(x.out)-1] != '~'
	}
	c := x.s[i-1]
	return i, !isWord(c) && c != '.' && c != '~' && c != '-' && c != ')' && c < 0x80
}

// windowsHome reads a home directory of Windows, whose first backslash is at i:
//
//	C:\Users\bob
//	C:\\Users\\bob
//	\\server\Users\bob
func (x *scanner) windowsHome(i int) int {
	at := i
	for at < len(x.s) && x.s[at] == '\\' && at-i < 4 {
		at++
	}
	rest := x.s[at:]
	for _, folder := range [...]string{"Users", "Documents and Settings"} {
		if len(rest) < len(folder) || !strings.EqualFold(rest[:len(folder)], folder) {
			continue
		}
		name := at + len(folder)
		gap := name
		for name < len(x.s) && isSlash(x.s[name]) && name-gap < 4 {
			name++
		}
		end := nameEnd(x.s, name, '\\', true)
		if name == gap || end == name {
			return i
		}
		from := i
		if x.driveBefore(i) {
			from -= 2
		} else if i > x.done && isWord(x.s[i-1]) {
			if from = x.share(i); from == i {
				return i
			}
		}
		return x.replace(from, end, homeRemoved)
	}
	return i
}

// driveBefore reports whether a drive ends at i, as in C:\Users. In
// /opt/x:/Users/bob, a list of paths, the x: is not a drive.
func (x *scanner) driveBefore(i int) bool {
	if i < x.done+2 || x.s[i-1] != ':' || !isAlpha(x.s[i-2]) {
		return false
	}
	return i == x.done+2 || !isWord(x.s[i-3]) && (x.s[i-3] != '/' || i > x.done+3 && x.s[i-4] == '/')
}

// share returns the start of the \\server that ends at i, or i.
func (x *scanner) share(i int) int {
	from := runBack(x.s, i, maxUser, x.done, func(c byte) bool { return isTokenByte(c) || c == '.' })
	slashes := runBack(x.s, from, 4, x.done, func(c byte) bool { return c == '\\' })
	if from-slashes < 2 {
		return i
	}
	return slashes
}

// nameEnd returns the end of the user's name that begins at i. A name with
// blanks counts if the path goes on after it, as in /Users/Bob Smith/x. On Unix
// its words must also be capitalised, because a blank more likely ends the path
// there.
func nameEnd(s string, i int, separator byte, windows bool) int {
	end := nameWord(s, i)
	const maxWords = 4
	last := end
	for range maxWords {
		if last >= len(s) || s[last] != ' ' || last == i {
			break
		}
		next := nameWord(s, last+1)
		if next == last+1 || !windows && !isUpper(s[last+1]) {
			break
		}
		last = next
		if last < len(s) && s[last] == separator {
			return last
		}
	}
	return end
}

// nameWord returns the end of the word of a user's name that begins at i.
func nameWord(s string, i int) int {
	end := run(s, i, maxUser, func(c byte) bool {
		return isTokenByte(c) || strings.IndexByte(".@+~%$", c) >= 0 || c >= 0x80
	})
	for end > i && s[end-1] == '.' { // a full stop, which ends the sentence
		end--
	}
	return end
}
