package symbol

import (
	"path"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

// Places tell the import path of a source file by where it was when the program was
// built. With -trimpath, the path of a file begins with the import path. Without,
// it is that of the machine that built the program, and Places know the folders of
// the Go installation, of the module cache, of vendored packages, and those of the
// modules that are under development.
type Places struct {
	goroot  string // with "/src/" at its end; empty with -trimpath
	local   []localModule
	modules []string // <path>@<version>, as the module cache has them
}

// A localModule is a module that is built from a folder of the developer's.
type localModule struct {
	path string
	dir  string // empty if it is not known
	name string // the last element of the folder, as far as it is known
}

// NewPlaces are those of the program that info describes. stack has return addresses
// of callers in its main module, from which the folder of that is known.
func NewPlaces(info *debug.BuildInfo, stack []uintptr) *Places {
	p := &Places{}
	gc := runtime.FuncForPC(reflect.ValueOf(runtime.GC).Pointer())
	if file, _ := gc.FileLine(gc.Entry()); isAbsolute(file) {
		p.goroot = strings.TrimSuffix(path.Dir(slashed(file)), "runtime")
	}
	root := rootOf(info, stack)
	for _, dep := range info.Deps {
		switch {
		case dep.Replace != nil && isFolder(dep.Replace.Path):
			to := slashed(dep.Replace.Path)
			m := localModule{path: dep.Path, name: path.Base(to)}
			if isAbsolute(to) {
				m.dir = path.Clean(to)
			} else if root != "" {
				m.dir = path.Join(root, to)
			}
			p.local = append(p.local, m)
		case dep.Replace != nil:
			p.modules = append(p.modules, dep.Replace.Path+"@"+dep.Replace.Version+"\x00"+dep.Path)
		case dep.Version == "(devel)": // of a workspace
			p.local = append(p.local, localModule{path: dep.Path, name: path.Base(dep.Path)})
		default:
			p.modules = append(p.modules, dep.Path+"@"+dep.Version+"\x00"+dep.Path)
		}
	}
	if info.Main.Path != "" {
		p.local = append(p.local, localModule{path: info.Main.Path, dir: root, name: path.Base(info.Main.Path)})
	}
	return p
}

// rootOf is the folder of the main module: a package that is at the end of its
// import path is there below the folder.
func rootOf(info *debug.BuildInfo, stack []uintptr) string {
	if len(stack) == 0 || info.Main.Path == "" {
		return ""
	}
	frames := runtime.CallersFrames(stack)
	for more := true; more; {
		var f runtime.Frame
		f, more = frames.Next()
		pkg, function := Split(f.Function)
		if pkg == "main" {
			pkg = info.Path
		}
		rest, ok := strings.CutPrefix(strings.TrimSuffix(pkg, "_test"), info.Main.Path)
		if _, inlined := Inlined(function); inlined || !ok || rest != "" && rest[0] != '/' {
			continue
		}
		if dir, ok := strings.CutSuffix(path.Dir(slashed(f.File)), rest); ok && isAbsolute(dir) {
			return dir
		}
	}
	return ""
}

// PackageOf is the import path of the package that a file belongs to. It is not ok
// if the path does not tell.
func (p *Places) PackageOf(file string) (pkg string, ok bool) {
	file = slashed(file)
	dir := path.Dir(file)
	if strings.HasPrefix(file, "<") || strings.HasPrefix(file, ".") || dir == "." || path.Base(file) == cgoFile {
		return "", false
	}
	if !isAbsolute(file) {
		return p.withoutVersion(dir), true
	}
	if rest, ok := strings.CutPrefix(dir, p.goroot); ok && p.goroot != "" {
		return rest, true
	}
	if i := strings.LastIndex(dir, "/vendor/"); i >= 0 {
		rest := dir[i+len("/vendor/"):]
		if host, _, _ := strings.Cut(rest, "/"); strings.Contains(host, ".") {
			return rest, true
		}
	}
	if i := strings.LastIndex(dir, "/pkg/mod/"); i >= 0 && strings.Contains(dir[i:], "@") {
		return p.withoutVersion(unescape(dir[i+len("/pkg/mod/"):])), true
	}
	if strings.Contains(dir, "@") { // a module cache in another place
		for _, m := range p.modules {
			at, _, _ := strings.Cut(m, "\x00")
			if i := strings.LastIndex(unescape(dir)+"/", "/"+at+"/"); i >= 0 {
				return p.withoutVersion(unescape(dir)[i+1:]), true
			}
		}
	}
	return p.ofLocal(dir)
}

// ofLocal is for a folder of the developer's.
func (p *Places) ofLocal(dir string) (pkg string, ok bool) {
	best := 0
	for _, m := range p.local {
		if m.dir != "" && HasPathPrefix(dir, m.dir) && len(m.dir) >= best {
			pkg, ok, best = m.path+dir[len(m.dir):], true, len(m.dir)
		}
	}
	for _, m := range p.local {
		if ok {
			return pkg, ok
		}
		// A folder is usually called as the last element of the module's path.
		if i := strings.LastIndex(dir+"/", "/"+m.name+"/"); m.dir == "" && i >= 0 {
			pkg, ok = m.path+dir[i+1+len(m.name):], true
		}
	}
	return pkg, ok
}

// withoutVersion removes the version of a module from a path in it, and gives a
// module that was replaced by another its own name:
//
//	github.com/BurntSushi/toml@v1.3.2/internal → github.com/BurntSushi/toml/internal
func (p *Places) withoutVersion(dir string) string {
	before, after, found := strings.Cut(dir, "@")
	if !found {
		return dir
	}
	_, rest, below := strings.Cut(after, "/")
	if below {
		rest = "/" + rest
	}
	for _, m := range p.modules {
		if at, name, _ := strings.Cut(m, "\x00"); at == strings.TrimSuffix(dir, rest) {
			return name + rest
		}
	}
	return before + rest
}

// cgoFile is what cgo makes of calls into C, in a folder of its own.
const cgoFile = "_cgo_gotypes.go"

// unescape turns a path of the module cache into an import path: there, a capital
// letter is a small one behind an exclamation mark.
func unescape(dir string) string {
	for i := strings.IndexByte(dir, '!'); i >= 0 && i+1 < len(dir); i = strings.IndexByte(dir, '!') {
		dir = dir[:i] + strings.ToUpper(dir[i+1:i+2]) + dir[i+2:]
	}
	return dir
}

func slashed(file string) string { return strings.ReplaceAll(file, `\`, "/") }

// isAbsolute is for a path of any platform, with slashes.
func isAbsolute(file string) bool {
	return strings.HasPrefix(file, "/") || len(file) > 2 && file[1] == ':' && file[2] == '/'
}

// isFolder tells whether the right side of a replace is a folder, and not a module.
func isFolder(to string) bool {
	return strings.HasPrefix(to, ".") || isAbsolute(slashed(to))
}
