package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// files calls each with the files of a clone, or of a folder, below prefix.
func files(clone, prefix string, each func(name string, content []byte)) error {
	if info, err := os.Stat(filepath.Join(clone, prefix)); err == nil && info.IsDir() && !isBare(clone) {
		return filepath.WalkDir(filepath.Join(clone, prefix), func(name string, d os.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if content, err := os.ReadFile(name); err == nil {
					each(filepath.ToSlash(name), content)
				}
			}
			return nil
		})
	}
	args := []string{"--git-dir=" + clone, "archive", "HEAD"}
	if prefix != "" {
		args = append(args, prefix)
	}
	out, err := exec.Command("git", args...).Output()
	if err != nil {
		return fmt.Errorf("read clone: %w", err)
	}
	for r := tar.NewReader(bytes.NewReader(out)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag == tar.TypeReg {
			content, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			each(h.Name, content)
		}
	}
}

func isBare(clone string) bool {
	_, err := os.Stat(filepath.Join(clone, "packed-refs"))
	return err == nil
}

// detectors returns the examples of the tests of trufflehog's detectors: tables with
// an input, and the secrets that are wanted.
func detectors(clone string) (examples []example, err error) {
	err = files(clone, "pkg/detectors", func(name string, content []byte) {
		if !strings.HasSuffix(name, "_test.go") {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, 0)
		if err != nil {
			return
		}
		texts := packageTexts(file)
		ast.Inspect(file, func(n ast.Node) bool {
			lit, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			e := example{of: path.Base(path.Dir(name))}
			for _, el := range lit.Elts {
				kv, ok := el.(*ast.KeyValueExpr)
				if !ok {
					continue
				}
				switch key, _ := kv.Key.(*ast.Ident); {
				case key == nil:
				case key.Name == "input" || key.Name == "data":
					e.text, _ = texts.value(kv.Value)
				case key.Name == "want":
					if list, ok := kv.Value.(*ast.CompositeLit); ok {
						for _, el := range list.Elts {
							// What is not in the text is put together of several.
							if t, ok := texts.value(el); ok && t != "" {
								e.secrets = append(e.secrets, t)
							}
						}
					}
				}
			}
			e.secrets = within(e.text, e.secrets)
			if len(e.secrets) > 0 && isText(e.text) {
				examples = append(examples, e)
			}
			return true
		})
	})
	return examples, err
}

func within(text string, secrets []string) (found []string) {
	for _, s := range secrets {
		if strings.Contains(text, s) {
			found = append(found, s)
		}
	}
	return found
}

// texts are the strings of a file, by the names of constants and variables.
type texts map[string]string

func packageTexts(file *ast.File) texts {
	t := texts{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for i, name := range spec.Names {
				if i < len(spec.Values) {
					if v, ok := t.value(spec.Values[i]); ok {
						t[name.Name] = v
					}
				}
			}
		}
		return true
	})
	return t
}

// value returns the text of an expression: a literal, a name, a sum, or a Sprintf
// with %s.
func (t texts) value(x ast.Expr) (string, bool) {
	switch x := x.(type) {
	case *ast.BasicLit:
		s, err := strconv.Unquote(x.Value)
		return s, err == nil && x.Kind == token.STRING
	case *ast.Ident:
		s, ok := t[x.Name]
		return s, ok
	case *ast.BinaryExpr:
		a, ok1 := t.value(x.X)
		b, ok2 := t.value(x.Y)
		return a + b, ok1 && ok2 && x.Op == token.ADD
	case *ast.CallExpr:
		f, ok := x.Fun.(*ast.SelectorExpr)
		if !ok || f.Sel.Name != "Sprintf" || len(x.Args) == 0 {
			return "", false
		}
		format, ok := t.value(x.Args[0])
		for _, arg := range x.Args[1:] {
			v, isText := t.value(arg)
			ok = ok && isText
			at := strings.Index(format, "%")
			if !ok || at < 0 || at+1 == len(format) {
				return "", false
			}
			if format[at+1] == 'q' {
				v = strconv.Quote(v)
			}
			format = format[:at] + v + format[at+2:]
		}
		return format, ok
	}
	return "", false
}

// rule finds an example of relay-pii's built-in rules:
//
//	rule = "@ip";
//	input = "before 127.0.0.1 after";
//	output = "before [ip] after";
var rule = regexp.MustCompile(`rule = "(@[a-z]+)[^"]*";\s*input = ("(?:[^"\\]|\\.)*");\s*output = ("(?:[^"\\]|\\.)*");`)

// account finds an entry of the list of bank accounts.
var account = regexp.MustCompile(`(?m)^\s+"([A-Z]{2}\d{2}[A-Z0-9]{8,})",$`)

// relayExamples returns them. What the rule takes out is the secret.
func relayExamples(clone string) (examples []example, err error) {
	prefix := "relay-pii/src"
	if strings.HasSuffix(strings.TrimSuffix(clone, "/"), "src") {
		prefix = ""
	}
	seen := map[string]bool{}
	err = files(clone, prefix, func(name string, content []byte) {
		if path.Base(name) != "builtin.rs" {
			return
		}
		for _, m := range rule.FindAllSubmatch(content, -1) {
			input, err1 := strconv.Unquote(strings.ReplaceAll(string(m[2]), "\n", `\n`))
			output, err2 := strconv.Unquote(strings.ReplaceAll(string(m[3]), "\n", `\n`))
			if err1 != nil || err2 != nil || input == output || seen[input] {
				continue
			}
			seen[input] = true
			from, to := 0, len(input)
			for from < min(len(input), len(output)) && input[from] == output[from] {
				from++
			}
			for to > from && len(output)-(len(input)-to) > from && input[to-1] == output[len(output)-(len(input)-to)-1] {
				to--
			}
			examples = append(examples, example{string(m[1]), input, []string{input[from:to]}})
		}
		for _, m := range account.FindAllSubmatch(content, -1) {
			examples = append(examples, example{"@iban", "some iban: " + string(m[1]) + "!", []string{string(m[1])}})
		}
	})
	return examples, err
}

// logLines returns the lines of loghub's samples, 2000 of each system.
func logLines(clone string) (lines []string, err error) {
	err = files(clone, "", func(name string, content []byte) {
		if strings.HasSuffix(name, "_2k.log") {
			for line := range strings.Lines(string(content)) {
				if line = strings.TrimRight(line, "\r\n"); isText(line) {
					lines = append(lines, line)
				}
			}
		}
	})
	return lines, err
}
