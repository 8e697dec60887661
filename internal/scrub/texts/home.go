package texts

import (
	"path"
	"strings"
)

const (
	// maxUser bounds the name of a user in a path, in bytes. No system allows
	// longer ones.
	maxUser = 256

	// maxRoot bounds what is before the folder of the homes in a path.
	maxRoot = 128
)

// A homeFolder is a folder in which each user or each application of a user has
// a folder. A * stands for any name.
type homeFolder struct {
	path string
	on   places
}

// places say where the folders of homes are.
type places uint8

const (
	top     places = 1 << iota // /path
	mounted                    // below one of the homeRoots
	windows                    // on a drive or a server of Windows
)

var homeFolders = []homeFolder{
	{"home", top | mounted | windows},
	{"Users", top | mounted | windows},
	{"Documents and Settings", windows},
	{"Windows/Profiles", windows},
	{"WINNT/Profiles", windows},
	{"homes", windows},
	{"home$", windows},
	{"homes$", windows},
	{"users$", windows},
	{"storage/emulated/*/Android/data", top},
	{"sdcard/Android/data", top},
	{"media", top},
	{"run/media", top},
	{"data/user/*", top},
	{"data/user_de/*", top},
	{"data/data", top},
	{"var/folders/*", top | mounted},
	{"var/mobile/Containers/Data/Application", top | mounted},
	{"var/mobile/Containers/Shared/AppGroup", top | mounted},
	{"var/containers/Bundle/Application", top | mounted},
}

// homeGroups are folders between the folder of the homes and those of the users.
var homeGroups = wordSet(`users user people staff student students faculty local`)

// homeStarts has the bytes with which one of the homeFolders begins.
const homeStarts = "hHuUdDwWmrvs"

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

// home reads a path to a home directory. The slash or backslash at i is the one
// before the folder of the homes, or the first of the configured home. home
// replaces the home directory by ~ and keeps the rest of the path:
//
//	/home/bob/x
//	/nfs/home/staff/bob/x
//	C:\Users\bob\x
//	\\wsl$\Ubuntu\home\bob\x
func (x *scanner) home(i int) int {
	if end := x.knownHome(i); end > i {
		return end
	}
	at := i + 1
	for at < len(x.s) && x.s[at] == '\\' && at-i < 4 { // C:\\Users
		at++
	}
	if at >= len(x.s) || !isOneOf(x.s[at], homeStarts) {
		return i
	}
	for _, folder := range homeFolders {
		if lower(folder.path[0]) != lower(x.s[at]) {
			continue
		}
		user := x.below(at, folder.path)
		if user == at {
			continue
		}
		from, place := x.root(i)
		if place&folder.on == 0 {
			continue
		}
		end := x.userEnd(user, x.s[user-1], place == windows)
		if end == user {
			return i
		}
		return x.replace(from, end, homeRemoved)
	}
	return i
}

// userEnd returns the end of the user's folder that begins at i. It can be in the
// folder of a group:
//
//	bob
//	staff/bob
func (x *scanner) userEnd(i int, separator byte, windows bool) int {
	end := nameEnd(x.s, i, separator, windows)
	if group := x.s[i:end]; !homeGroups.words()[group] && len(group) != 1 && !isDomain(group) {
		return end
	}
	next := x.slashes(end)
	if next == end {
		return end
	}
	if last := nameEnd(x.s, next, separator, windows); last > next {
		return last
	}
	return end
}

// isDomain reports whether the folder of a group has the name of a domain of
// Windows, or of a network: /home/CORP/bob, /home/corp.example/bob.
func isDomain(group string) bool {
	_, last, _ := strings.Cut(group, ".")
	return domainEnds.words()[last] || len(group) > 1 && run(group, 0, len(group), isUpper) == len(group)
}

var domainEnds = wordSet(`local lan corp internal intranet ad com net org edu example test`)

// below returns the start of the name below folder, which begins at i, or i.
func (x *scanner) below(i int, folder string) int {
	at := i
	for more := true; more; {
		var name string
		name, folder, more = strings.Cut(folder, "/")
		switch {
		case name == "*":
			end := nameWord(x.s, at)
			if end == at {
				return i
			}
			at = end
		case len(x.s)-at > len(name) && (x.s[at:at+len(name)] == name || x.s[at-1] == '\\' && strings.EqualFold(x.s[at:at+len(name)], name)):
			at += len(name)
		default:
			return i
		}
		next := x.slashes(at)
		if next == at {
			return i
		}
		at = next
	}
	return at
}

// slashes returns the end of the slash, or of the doubled backslash, at i. What a
// path says twice, or what is where it is, belongs to it: // and /./.
func (x *scanner) slashes(i int) int {
	if i < len(x.s) && x.s[i] == '/' {
		const longest = 8
		end := i + 1
		for end < len(x.s) && end < i+longest && (x.s[end] == '/' || strings.HasPrefix(x.s[end:], "./")) {
			end++
		}
		return end
	}
	return run(x.s, i, 4, func(c byte) bool { return c == '\\' })
}

// root returns where the path begins that has the folder of homes behind the
// slash at i, and at what place that is. It is none of the places if this is no
// path of a file, or homes are not there:
//
//	github.com/home/x
//	https://example.com/home/page
//	./home/x
//	/opt/app/home/x
func (x *scanner) root(i int) (from int, place places) {
	from = max(x.around(&x.paths, i, pathBytes).from, i-maxRoot, x.done)
	before := x.s[from:i]
	const drive, server = 1, 2 // how deep the folder can be
	switch {
	case x.driveBefore(from) && (before == "" || isSlash(before[0])):
		return from - 2, windows.when(folders(before) <= drive)
	case strings.HasPrefix(strings.TrimLeft(before, `\`), `UNC\`) && before[0] == '\\': // \\?\UNC\server
		return from, windows.when(folders(before) <= server+1)
	case strings.HasPrefix(before, `\\`):
		return from, windows.when(folders(before) <= server)
	case from == x.done && x.done > 0 && x.last == homeRemoved: // the path goes on
		return i, 0
	case strings.HasPrefix(before, "//") && from > 0 && x.s[from-1] == ':':
		if !strings.HasSuffix(x.s[:from], "file:") {
			return i, 0
		}
		from, before = from+2, before[2:]
	case from > 0 && (x.s[from-1] >= 0x80 || x.s[from-1] == ')' || x.s[from-1] == '%'):
		return i, 0
	case before == "":
		return from, top.when(x.s[i] == '/')
	case before[0] != '/':
		return x.volume(i)
	}
	if strings.Contains(before, "/.") || strings.Contains(strings.TrimPrefix(before, "/"), "//") || before == "/" { // /root/../home
		before = strings.TrimSuffix(path.Clean(before), "/")
	}
	for _, root := range homeRoots {
		if matches(before, root) {
			return from, mounted.when(x.s[i] == '/')
		}
	}
	return i, 0
}

// volume returns where the path begins whose homes are on a volume of macOS with a
// blank in its name. The slash at i is the one behind that name:
//
//	/Volumes/Macintosh HD/Users/bob
func (x *scanner) volume(i int) (from int, place places) {
	low := max(x.done, i-maxRoot)
	const volumes = "/Volumes/"
	n := strings.LastIndex(x.s[low:i], volumes)
	if n < 0 || strings.ContainsAny(x.s[low+n+len(volumes):i], "/\n\"':=") {
		return i, 0
	}
	return low + n, mounted
}

func isPathByte(c byte) bool { return isTokenByte(c) || isOneOf(c, `./\+$~`) }

// when returns p if ok, and no place otherwise.
func (p places) when(ok bool) places {
	if ok {
		return p
	}
	return 0
}

// homeRoots are the paths in which the folders of homes are. A * stands for any
// name.
var homeRoots = []string{
	"", "/private", "/usr", "/export", "/var", "/nfs", "/net/*", "/mnt/*", "/data", "/cygdrive/*", "/c", "/d",
	"/System/Volumes/Data", "/Volumes/*", "/host", "/hostfs", "/rootfs", "//wsl$/*", "//wsl.localhost/*",
}

// matches reports whether a path is that of the pattern.
func matches(path, pattern string) bool {
	for {
		name, rest, more := strings.Cut(path, "/")
		want, next, wanted := strings.Cut(pattern, "/")
		if name != want && (want != "*" || name == "") || more != wanted {
			return false
		}
		if !more {
			return true
		}
		path, pattern = rest, next
	}
}

// folders returns how many names a path has.
func folders(path string) (n int) {
	for i := range len(path) {
		if !isSlash(path[i]) && (i == 0 || isSlash(path[i-1])) {
			n++
		}
	}
	return n
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

// driveBefore reports whether a drive ends at i, as in C:\Users. In
// /opt/x:/Users/bob, a list of paths, the x: is not a drive.
func (x *scanner) driveBefore(i int) bool {
	if i < x.done+2 || x.s[i-1] != ':' || !isAlpha(x.s[i-2]) {
		return false
	}
	return i == x.done+2 || !isWord(x.s[i-3]) && (x.s[i-3] != '/' || i > x.done+3 && x.s[i-4] == '/')
}

// tilde reads the home of a user as shells write it, with the ~ at i:
//
//	~bob/x
func (x *scanner) tilde(i int) int {
	if i > x.done && (isWord(x.s[i-1]) || isOneOf(x.s[i-1], "./~")) || i+1 == len(x.s) || !isAlpha(x.s[i+1]) {
		return i
	}
	end := run(x.s, i+1, maxUser, func(c byte) bool { return isTokenByte(c) || c == '.' })
	if end == len(x.s) || x.s[end] != '/' {
		return i
	}
	return x.replace(i, end, homeRemoved)
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
		return isTokenByte(c) || isOneOf(c, ".@+~%$") || c >= 0x80
	})
	for end > i && s[end-1] == '.' { // a full stop, which ends the sentence
		end--
	}
	return end
}
