package lintpanics

import (
	"bytes"
	"go/ast"
	"go/token"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// insert inserts text as a statement of its own.
func (f *fixer) insert(at place, text string) analysis.TextEdit {
	if at.after != nil {
		return f.insertAfter(at.after, text)
	}
	return f.insertFirst(at.block, text)
}

// insertFirst inserts text as the first statement of body. A comment after the
// opening brace stays where it is.
func (f *fixer) insertFirst(body *ast.BlockStmt, text string) analysis.TextEdit {
	file := f.c.pass.Fset.File(body.Lbrace)
	line := file.Line(body.Lbrace)
	if len(body.List) > 0 && file.Line(body.List[0].Pos()) > line {
		at := file.LineStart(line + 1)
		return edit(at, at, f.indent(body.List[0].Pos())+text+"\n")
	}
	outer := f.indent(body.Lbrace)
	end := "\n" + outer
	if len(body.List) > 0 {
		end += "\t"
	}
	return edit(body.Lbrace+1, body.Lbrace+1, "\n"+outer+"\t"+text+end)
}

// insertAfter inserts text after a statement. A comment at the end of the line stays
// where it is.
func (f *fixer) insertAfter(s ast.Stmt, text string) analysis.TextEdit {
	file := f.c.pass.Fset.File(s.End())
	line, column := f.source(s.End())
	rest := strings.TrimSpace(line[min(column, len(line)):])
	if (rest == "" || strings.HasPrefix(rest, "//")) && file.Line(s.End()) < file.LineCount() {
		at := file.LineStart(file.Line(s.End()) + 1)
		return edit(at, at, f.indent(s.Pos())+text+"\n")
	}
	return edit(s.End(), s.End(), "\n"+f.indent(s.Pos())+text)
}

func edit(pos, end token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: end, NewText: []byte(text)}
}

// source returns the line of a position in the source, and the offset of the position
// in the line.
func (f *fixer) source(pos token.Pos) (line string, column int) {
	file := f.c.pass.Fset.File(pos)
	source, err := f.c.pass.ReadFile(file.Name())
	offset := file.Offset(pos)
	if err != nil || offset > len(source) {
		return "", 0
	}
	start := bytes.LastIndexByte(source[:offset], '\n') + 1
	text, _, _ := bytes.Cut(source[start:], []byte("\n"))
	return string(text), offset - start
}

// remove removes a statement, and the whole line if there is nothing else on it.
func (f *fixer) remove(stmt ast.Stmt) analysis.TextEdit {
	file := f.c.pass.Fset.File(stmt.Pos())
	first, column := f.source(stmt.Pos())
	last, end := f.source(stmt.End())
	if strings.TrimSpace(first[:column]) != "" || strings.TrimSpace(last[min(end, len(last)):]) != "" ||
		file.Line(stmt.End()) == file.LineCount() {
		return edit(stmt.Pos(), stmt.End(), "")
	}
	return edit(file.LineStart(file.Line(stmt.Pos())), file.LineStart(file.Line(stmt.End())+1), "")
}
