package plugin_test

import (
	"testing"

	"github.com/golangci/plugin-module-register/register"

	_ "github.com/panicreport/sentry/lint/plugin"
)

func TestSettings(t *testing.T) {
	newPlugin, err := register.GetPlugin("lintpanics")
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPlugin(map[string]any{
		"starters": []string{"a/b.F:0", "a/b.T.M:1"}, "guards": []string{"a/b.G"}, "methods": []string{"a/b.T"},
		"funcs": "^x$", "tests": true, "alltests": true, "skip": []string{"gen"}, "generated": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	analyzers, err := p.BuildAnalyzers()
	if err != nil || len(analyzers) != 1 || p.GetLoadMode() != register.LoadModeTypesInfo {
		t.Fatalf("analyzers %v, load mode %s, error %v", analyzers, p.GetLoadMode(), err)
	}
	for name, want := range map[string]string{
		"starters": "a/b.F:0,a/b.T.M:1", "guards": "a/b.G", "methods": "a/b.T",
		"funcs": "^x$", "tests": "true", "alltests": "true", "skip": "gen", "generated": "true",
	} {
		if got := analyzers[0].Flags.Lookup(name).Value.String(); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestSettingsAreChecked(t *testing.T) {
	newPlugin, err := register.GetPlugin("lintpanics")
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []map[string]any{
		{"starter": []string{"a/b.F:0"}}, {"starters": []string{"a/b.F"}}, {"funcs": "("}, {"tests": "perhaps"},
	} {
		if _, err := newPlugin(bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if _, err := newPlugin(nil); err != nil {
		t.Errorf("no settings: %v", err)
	}
}
