// Package sourcelines adds the lines of a program's own source to the frames of a
// report, while it is developed.
package sourcelines

import (
	"bytes"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/contain"
	"github.com/panicreport/sentry/internal/symbol"
)

const (
	// sourceAround is how many lines before and after the frame's own are shown, as
	// many as sentry-go shows.
	sourceAround = 5
	// sourceFrames of a stack have lines: the innermost, which a reader looks at. With
	// the other bounds, they take at most 44 kB of a report.
	sourceFrames = 20
	// sourceWidth is how many bytes of a line are shown. Longer ones are generated.
	sourceWidth = 200
	// sourceSize bounds a file that is read, and sourceFiles how many stay in memory.
	sourceSize  = 512 << 10
	sourceFiles = 100
	// sourceWait is how long a report waits for the disk that has the sources.
	sourceWait = 200 * time.Millisecond
)

// A Module has the lines of the main module's files, in a development build that runs
// where it was compiled: without -trimpath, with the module in its place, and no file
// changed since. Nothing outside of the module is read, whatever a link says. nil has
// no lines.
//
// Only frames of this process have them. A crash text may be that of an older build,
// whose lines were others.
type Module struct {
	module string
	built  time.Time // of the executable

	mu    sync.Mutex
	root  *os.Root // of the module, open from the first file on
	path  string   // of root, with slashes
	files map[string][]string
}

// New returns the lines of a module, by its path.
func New(module string) *Module {
	return &Module{module: module, files: make(map[string][]string)}
}

// AddTo adds lines to the innermost frames of the main module. files are the paths of
// the frames' files, as the compiler has noted them.
func (s *Module) AddTo(frames []sentry.Frame, files []string) {
	if s == nil {
		return
	}
	type place struct {
		at        int
		dir, file string
		line      int
		around    []string
	}
	places := make([]place, 0, min(len(frames), sourceFrames))
	for i := len(frames) - 1; i >= 0 && len(places) < sourceFrames; i-- {
		if dir := path.Dir(frames[i].Filename); frames[i].InApp && filepath.IsAbs(files[i]) && symbol.HasPathPrefix(dir, s.module) {
			places = append(places, place{at: i, dir: dir, file: files[i], line: frames[i].Lineno})
		}
	}
	found, _ := contain.Within(sourceWait, func() []place { // nobody waits for a disk that hangs
		for i, p := range places {
			places[i].around = s.lines(p.dir, p.file)
		}
		return places
	})
	for _, p := range found {
		if p.line < 1 || p.line > len(p.around) {
			continue
		}
		f, at := &frames[p.at], p.line-1
		f.PreContext = p.around[max(0, at-sourceAround):at]
		f.ContextLine = p.around[at]
		f.PostContext = p.around[at+1 : min(len(p.around), at+1+sourceAround)]
	}
}

// lines returns those of a file of the package dir, nil if it may not be shown. A file
// is read once.
func (s *Module) lines(dir, file string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	lines, known := s.files[file]
	if known || len(s.files) >= sourceFiles {
		return lines
	}
	if name, ok := s.nameInModule(dir, file); ok {
		lines = s.read(name)
	}
	s.files[file] = lines
	return lines
}

// nameInModule returns the name of a file within the root of the module:
//
//	example.com/app/store, /home/x/app/store/db.go   →   store/db.go, with the root /home/x/app
func (s *Module) nameInModule(dir, file string) (name string, ok bool) {
	below := strings.Trim(strings.TrimPrefix(dir, s.module), "/")
	name = path.Join(below, filepath.Base(file))
	root, ok := strings.CutSuffix(filepath.ToSlash(file), "/"+name)
	if !ok {
		return "", false
	}
	if s.root == nil {
		s.open(root)
	}
	return name, s.root != nil && root == s.path
}

// open opens the root of the module, if its go.mod is there and says so.
func (s *Module) open(dir string) {
	exe, err := os.Executable()
	if err != nil {
		return
	}
	info, err := os.Stat(exe)
	if err != nil {
		return
	}
	root, err := os.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		return
	}
	s.built, s.root, s.path = info.ModTime(), root, dir
	for _, line := range s.read("go.mod") {
		if strings.Join(strings.Fields(line), " ") == "module "+s.module {
			return
		}
	}
	root.Close()
	s.root = nil
}

// read returns the lines of a file in the module that is not newer than the
// executable: after an edit, the numbers of the lines say nothing.
func (s *Module) read(name string) []string {
	f, err := s.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > sourceSize || info.ModTime().After(s.built) {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(f, sourceSize))
	if err != nil {
		return nil
	}
	var lines []string
	for line := range bytes.Lines(text) {
		line = bytes.TrimRight(line, "\r\n")
		lines = append(lines, strings.ToValidUTF8(string(line[:min(len(line), sourceWidth)]), ""))
	}
	return lines
}
