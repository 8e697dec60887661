// Command slog logs through log/slog. Its reports have the last 100 lines of the log
// as breadcrumbs.
package main

import (
	"log/slog"
	"os"

	"github.com/panicreport/sentry"
)

func main() {
	own := slog.NewTextHandler(os.Stderr, nil)
	slog.SetDefault(slog.New(Breadcrumbs{Handler: own}))
	// The library's own trouble goes to the handler without breadcrumbs.
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN(), sentry.WithLogger(slog.New(own))); err != nil {
		slog.Error("no reports of panics", "error", err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	open(nil)
}

func open(settings map[string]string) {
	log := slog.With("component", "settings")
	for i := range 101 {
		log.Debug("not shown", "i", i) // the level of the handler decides, for breadcrumbs too
		log.Info("loading", "part", i)
	}
	log.WithGroup("user").Warn("no profile", "name", "default", "password", "hunter2")
	settings["theme"] = "dark"
}
