package tree

import (
	"bytes"
	"fmt"
	"slices"
)

// contextLines is how many unchanged lines a diff shows around a change, as diff -u
// does.
const contextLines = 3

// maxDistance bounds the search for the smallest diff, whose cost grows with the
// square of the number of changed lines. Beyond it, a file is shown as replaced. A
// fix changes a few lines for each goroutine.
const maxDistance = 5000

// Diff returns a unified diff of two texts, or nil if they are equal.
func Diff(oldName, newName string, before, after []byte) []byte {
	if bytes.Equal(before, after) {
		return nil
	}
	a, b := bytes.SplitAfter(before, []byte("\n")), bytes.SplitAfter(after, []byte("\n"))
	var out bytes.Buffer
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", oldName, newName)
	lines := script(a, b)
	for start := 0; start < len(lines); {
		if lines[start].op == ' ' {
			start++
			continue
		}
		first := max(0, start-contextLines)
		end, same := start, 0
		for ; end < len(lines) && same <= 2*contextLines; end++ {
			if same++; lines[end].op != ' ' {
				same = 0
			}
		}
		last := end - max(0, same-contextLines)
		writeHunk(&out, lines[first:last])
		start = end
	}
	return out.Bytes()
}

// A line is one of a diff. a and b are its numbers in the two texts, from 0.
type line struct {
	op   byte // ' ', '-' or '+'
	text []byte
	a, b int
}

func writeHunk(out *bytes.Buffer, lines []line) {
	var removed, added int
	for _, l := range lines {
		if l.op != '+' {
			removed++
		}
		if l.op != '-' {
			added++
		}
	}
	fmt.Fprintf(out, "@@ -%d,%d +%d,%d @@\n", lines[0].a+1, removed, lines[0].b+1, added)
	for _, l := range lines {
		out.WriteByte(l.op)
		out.Write(l.text)
		if !bytes.HasSuffix(l.text, []byte("\n")) {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// script returns the lines of both texts in the order of a diff. It is the algorithm
// of Myers, An O(ND) Difference Algorithm and Its Variations, figure 2.
func script(a, b [][]byte) []line {
	if len(a) > 0 && len(a[len(a)-1]) == 0 {
		a = a[:len(a)-1] // after the last newline
	}
	if len(b) > 0 && len(b[len(b)-1]) == 0 {
		b = b[:len(b)-1]
	}
	limit := min(len(a)+len(b), maxDistance)
	furthest := map[int]int{1: 0} // by diagonal
	var trace []map[int]int
	for d := 0; d <= limit; d++ {
		next := make(map[int]int, d+1)
		for k := -d; k <= d; k += 2 {
			x := furthest[k-1] + 1
			if k == -d || k != d && furthest[k-1] < furthest[k+1] {
				x = furthest[k+1]
			}
			for x < len(a) && x-k < len(b) && bytes.Equal(a[x], b[x-k]) {
				x++
			}
			next[k] = x
			if x >= len(a) && x-k >= len(b) {
				return backtrack(a, b, append(trace, next))
			}
		}
		trace = append(trace, next)
		furthest = next
	}
	var lines []line
	for i, text := range a {
		lines = append(lines, line{'-', text, i, 0})
	}
	for i, text := range b {
		lines = append(lines, line{'+', text, len(a), i})
	}
	return lines
}

// backtrack follows the trace of the search from the end.
func backtrack(a, b [][]byte, trace []map[int]int) []line {
	x, y := len(a), len(b)
	var lines []line
	for d := len(trace) - 1; d >= 0; d-- {
		fromX, fromY := 0, 0
		if d > 0 {
			before, k := trace[d-1], x-y
			from := k - 1
			if k == -d || k != d && before[k-1] < before[k+1] {
				from = k + 1
			}
			fromX, fromY = before[from], before[from]-from
		}
		for x > fromX && y > fromY {
			x, y = x-1, y-1
			lines = append(lines, line{' ', a[x], x, y})
		}
		switch {
		case y > fromY:
			y--
			lines = append(lines, line{'+', b[y], x, y})
		case x > fromX:
			x--
			lines = append(lines, line{'-', a[x], x, y})
		}
	}
	slices.Reverse(lines)
	return lines
}
