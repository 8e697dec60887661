package finding

import (
	"encoding/json"
	"fmt"
	"io"
)

// A jsonDiagnostic is a finding in the form of go vet -json.
type jsonDiagnostic struct {
	Category string `json:"category,omitempty"`
	Posn     string `json:"posn"`
	End      string `json:"end"`
	Message  string `json:"message"`
}

// WriteJSON writes findings in the form of go vet -json, by package and analyzer.
// It leaves out the fixes, which are for one system only.
func WriteJSON(w io.Writer, analyzer string, list []*Finding) error {
	packages := make(map[string]map[string][]jsonDiagnostic)
	for _, f := range list {
		if packages[f.Package] == nil {
			packages[f.Package] = make(map[string][]jsonDiagnostic)
		}
		packages[f.Package][analyzer] = append(packages[f.Package][analyzer], jsonDiagnostic{
			Category: f.Category,
			Posn:     fmt.Sprintf("%s:%d:%d", f.File, f.Line, f.Column),
			End:      fmt.Sprintf("%s:%d:%d", f.File, f.EndLine, f.EndCol),
			Message:  f.Message,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "\t")
	if err := encoder.Encode(packages); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
