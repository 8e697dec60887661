package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
)

// The structures below are the part of SARIF 2.1.0 that code hosts read: OASIS,
// Static Analysis Results Interchange Format, sections 3.13 to 3.52.
type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool       sarifTool     `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name           string      `json:"name"`
	InformationURI string      `json:"informationUri"`
	Rules          []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID               string    `json:"id"`
	ShortDescription sarifText `json:"shortDescription"`
	HelpURI          string    `json:"helpUri"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID              string            `json:"ruleId"`
	Level               string            `json:"level"`
	Message             sarifText         `json:"message"`
	Locations           []sarifLocation   `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	PhysicalLocation sarifPhysical `json:"physicalLocation"`
}

type sarifPhysical struct {
	ArtifactLocation sarifArtifact `json:"artifactLocation"`
	Region           sarifRegion   `json:"region"`
}

type sarifArtifact struct {
	URI       string `json:"uri"`
	URIBaseID string `json:"uriBaseId,omitempty"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine,omitempty"`
	EndColumn   int `json:"endColumn,omitempty"`
}

// helpURI has the description of the categories.
const helpURI = "https://pkg.go.dev/github.com/panicreport/sentry/lint/lintpanics"

// WriteSARIF writes findings in the format that code hosts show beside the code.
// rules describes the categories. Files below dir are relative to it; a code host
// takes dir for the root of the repository. The fingerprint of a finding is made of
// its key, so that it stays the same while lines move.
func WriteSARIF(w io.Writer, dir string, rules map[string]string, list []*Finding) error {
	driver := sarifDriver{Name: "lint-panics", InformationURI: helpURI}
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		driver.Rules = append(driver.Rules, sarifRule{id, sarifText{rules[id]}, helpURI})
	}
	results := []sarifResult{} // not null, which is no valid list
	keyer := &Keyer{Dir: dir}
	seen := make(map[Key]int)
	for _, f := range list {
		key := keyer.Key(f)
		seen[key]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\t%d", key, seen[key]))
		results = append(results, sarifResult{
			RuleID:              f.Category,
			Level:               "warning",
			Message:             sarifText{f.Message},
			Locations:           []sarifLocation{{sarifPhysical{artifact(dir, f.File), keyer.region(f)}}},
			PartialFingerprints: map[string]string{"lintPanics/v1": hex.EncodeToString(sum[:16])},
		})
	}
	log := sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{{sarifTool{driver}, "utf16CodeUnits", results}},
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(log); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

func artifact(dir, file string) sarifArtifact {
	rel := Relative(dir, file)
	if filepath.IsAbs(rel) {
		path := filepath.ToSlash(rel)
		if !strings.HasPrefix(path, "/") {
			path = "/" + path // C:/x is file:///C:/x
		}
		return sarifArtifact{URI: (&url.URL{Scheme: "file", Path: path}).String()}
	}
	return sarifArtifact{URI: (&url.URL{Path: rel}).EscapedPath(), URIBaseID: "%SRCROOT%"}
}

func (k *Keyer) region(f *Finding) sarifRegion {
	r := sarifRegion{StartLine: f.Line, StartColumn: k.column(f.File, f.Line, f.Column)}
	if f.EndLine > f.Line || f.EndLine == f.Line && f.EndCol > f.Column {
		r.EndLine, r.EndColumn = f.EndLine, k.column(f.File, f.EndLine, f.EndCol)
	}
	return r
}

// column turns a column in bytes, as Go counts, into one in units of UTF-16, which is
// the only kind that all code hosts know.
func (k *Keyer) column(file string, line, column int) int {
	lines := k.source(file).lines
	if line < 1 || line > len(lines) || column < 1 || column-1 > len(lines[line-1]) {
		return column
	}
	return len(utf16.Encode([]rune(string(lines[line-1][:column-1])))) + 1
}
