// Command ownwords measures WithOwnWords: it takes the error messages of the
// standard library and of twenty much used modules from their sources, fills their
// verbs with data of a person, lets a program that has these messages print them,
// and counts what of them its reports would show.
//
//	go run ./ownwords            the shares of words kept and of data that leave
//	go run ./ownwords -v         also which ones
//	go run ./ownwords -pad 200 -reports 20
//	                             the program has 200 MB of English text as well, and
//	                             makes only so many reports
//
// It needs the network for the modules, the first time, and a system of the Unix
// kind, whose processor time it shows.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

// modules are much used ones of different kinds.
var modules = []string{
	"github.com/gin-gonic/gin@v1.10.0", "github.com/labstack/echo/v4@v4.13.3", "github.com/gofiber/fiber/v2@v2.52.6",
	"google.golang.org/grpc@v1.70.0", "google.golang.org/protobuf@v1.36.5", "github.com/spf13/cobra@v1.8.1",
	"github.com/spf13/viper@v1.19.0", "go.uber.org/zap@v1.27.0", "github.com/sirupsen/logrus@v1.9.3",
	"github.com/jackc/pgx/v5@v5.7.2", "github.com/go-sql-driver/mysql@v1.8.1", "github.com/lib/pq@v1.10.9",
	"github.com/redis/go-redis/v9@v9.7.0", "go.mongodb.org/mongo-driver@v1.17.2", "gorm.io/gorm@v1.25.12",
	"github.com/golang-jwt/jwt/v5@v5.2.1", "github.com/gorilla/websocket@v1.5.3", "gopkg.in/yaml.v3@v3.0.1",
	"github.com/prometheus/client_golang@v1.20.5", "github.com/ethereum/go-ethereum@v1.14.12",
}

//go:embed program.txt
var program string

func main() {
	log.SetFlags(0)
	verbose := flag.Bool("v", false, "print what was removed of the author's words, and what of the data leaves")
	pad := flag.Int("pad", 0, "MB of English text in the program")
	reports := flag.Int("reports", 0, "how many reports of 20 messages; 0 for all messages")
	flag.Parse()
	var all []string
	messages := map[string]bool{}
	dirs := append([]string{filepath.Join(build.Default.GOROOT, "src")}, sources()...)
	for _, dir := range dirs {
		n := len(messages)
		collect(dir, messages)
		log.Printf("%5d messages of %s", len(messages)-n, filepath.Base(dir))
	}
	for m := range messages {
		all = append(all, m)
	}
	sort.Strings(all)
	if err := run(all, padding(dirs, *pad<<20), *reports, *verbose); err != nil {
		log.Fatal(err)
	}
}

// sources downloads the modules and returns where they are.
func sources() (dirs []string) {
	for _, m := range modules {
		out, err := exec.Command("go", "mod", "download", "-json", m).Output()
		var info struct{ Dir string }
		if err != nil || json.Unmarshal(out, &info) != nil {
			log.Printf("      without %s", m)
			continue
		}
		dirs = append(dirs, info.Dir)
	}
	return dirs
}

// collect finds the formats and texts of errors and of panics.
func collect(dir string, messages map[string]bool) {
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if d.IsDir() {
			switch d.Name() {
			case "testdata", "vendor", "cmd", "internal", "examples", "_examples", "test":
				if path != dir && !(d.Name() == "internal" && !strings.HasSuffix(dir, "src")) {
					return filepath.SkipDir
				}
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return nil
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if text, ok := message(call); ok && strings.ContainsAny(text, "abcdefghijklmnopqrstuvwxyz") {
					messages[text] = true
				}
			}
			return true
		})
		return nil
	})
}

// message returns the text of a call that makes an error or a panic.
func message(call *ast.CallExpr) (string, bool) {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	formats := map[string]bool{"Errorf": true, "Panicf": true, "Fatalf": true, "Wrapf": true, "errorf": true, "Warnf": true, "Infof": true}
	texts := map[string]bool{"New": true, "panic": true, "NewError": true}
	for _, arg := range call.Args {
		text, ok := literal(arg)
		switch {
		case !ok:
			continue
		case formats[name] && strings.Contains(text, "%"):
			return strings.ReplaceAll(text, "%w", "%v"), true
		case formats[name], texts[name] && strings.Contains(text, " "):
			return strings.ReplaceAll(text, "%", "%%"), true
		}
		return "", false
	}
	return "", false
}

func literal(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, err := strconv.Unquote(x.Value)
			return s, err == nil && len(s) < 2000
		}
	case *ast.BinaryExpr:
		a, ok1 := literal(x.X)
		b, ok2 := literal(x.Y)
		return a + b, ok1 && ok2 && x.Op == token.ADD
	}
	return "", false
}

// run builds a program that prints the messages, and lets it judge them.
func run(messages []string, pad string, reports int, verbose bool) error {
	dir, err := os.MkdirTemp("", "ownwords")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	var code bytes.Buffer
	fmt.Fprint(&code, "package main\n\n")
	const each = 500 // messages in a function: the compiler is slow with long ones
	n := 0
	for from := 0; from < len(messages); from += each {
		fmt.Fprintf(&code, "func print%d(d *data) {\n", n)
		for _, m := range messages[from:min(from+each, len(messages))] {
			if args, ok := arguments(m); ok {
				fmt.Fprintf(&code, "\td.next(%s%s)\n", strconv.Quote(m), args)
			}
		}
		fmt.Fprintln(&code, "}")
		n++
	}
	fmt.Fprintln(&code, "\nfunc printAll(d *data) {")
	for i := range n {
		fmt.Fprintf(&code, "\tprint%d(d)\n", i)
	}
	fmt.Fprintln(&code, "}")
	files := map[string]string{
		"go.mod":      "module github.com/panicreport/sentry/ownwords\n\ngo 1.25.0\n\nrequire github.com/panicreport/sentry v0.0.0\n\nreplace github.com/panicreport/sentry => " + root + "\n",
		"messages.go": code.String(), "main.go": program, "pad.go": "package main\n\nimport _ \"embed\"\n\n//go:embed pad.txt\nvar pad string\n",
		"pad.txt": pad,
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	exe := filepath.Join(dir, "ownwords")
	for _, args := range [][]string{{"mod", "tidy"}, {"build", "-o", exe, "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go %v: %w\n%s", args, err, out)
		}
	}
	cmd := exec.Command(exe, strconv.FormatBool(verbose), strconv.Itoa(reports))
	cmd.Stdin = strings.NewReader(people)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}

// people is the data that the messages are filled with: it is not in the program
// that prints them.
//
//go:embed people.txt
var people string

// arguments returns a call of d for each verb of a format.
func arguments(format string) (args string, ok bool) {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		for i < len(format) && strings.IndexByte("+-# 0123456789.", format[i]) >= 0 {
			i++
		}
		if i == len(format) {
			return "", false
		}
		switch format[i] {
		case '%':
		case 'd', 'x', 'X', 'o', 'b', 'U', 'c':
			args += ", d.number()"
		case 'f', 'g', 'e', 'G':
			args += ", d.fraction()"
		case 't':
			args += ", d.yes()"
		case 's', 'v', 'q', 'w':
			args += ", d.text()"
		case 'T':
			args += ", d"
		case 'p':
			args += ", d"
		default:
			return "", false
		}
	}
	return args, true
}

// padding is English text: the sources of the standard library and of the modules,
// with all their comments, one file behind the other.
func padding(dirs []string, size int) string {
	var b strings.Builder
	for b.Len() < size {
		before := b.Len()
		for _, dir := range dirs {
			_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if b.Len() >= size {
					return filepath.SkipAll
				}
				if err == nil && !d.IsDir() && (strings.HasSuffix(path, ".go") || strings.HasSuffix(path, ".md")) {
					if text, err := os.ReadFile(path); err == nil {
						b.Write(text)
					}
				}
				return nil
			})
		}
		if b.Len() == before {
			break
		}
	}
	return b.String()
}
