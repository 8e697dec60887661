package words

import "strings"

// Lists are all public words.
func Lists() string {
	return strings.Join([]string{errorTexts, signalTexts, windowsTexts, libraryTexts, runtimeTexts, placeholders, typeWords, operations}, "\n")
}

// WithoutNumbers returns a text without the texts of the runtime that have numbers.
func WithoutNumbers(t string) string { return numbered().ReplaceAllString(t, "") }

// Break has the decision panic.
func (r *Reading) Break() { r.known["broken"] = nil }

const MaxMemory = maxMemory

// Size is how many bytes a Memory has.
func (m *Memory) Size() int { return m.size }
