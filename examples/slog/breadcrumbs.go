package main

import (
	"context"
	"log/slog"

	sentrygo "github.com/getsentry/sentry-go"
)

// Breadcrumbs is a slog.Handler that passes records on to another one, and keeps the
// last 100 of them as breadcrumbs: a report then tells what came before the panic.
// It builds no text and sends nothing. Wrap the handler that the program has:
//
//	slog.SetDefault(slog.New(Breadcrumbs{Handler: slog.NewJSONHandler(os.Stderr, nil)}))
type Breadcrumbs struct {
	slog.Handler
	attrs  []slog.Attr // of With
	prefix string      // of WithGroup
}

// Handle puts the breadcrumb on the hub of the request, if ctx has one.
func (b Breadcrumbs) Handle(ctx context.Context, r slog.Record) error {
	data := make(map[string]any, r.NumAttrs()+len(b.attrs))
	for _, a := range b.attrs {
		data[a.Key] = a.Value.Resolve().Any()
	}
	r.Attrs(func(a slog.Attr) bool {
		data[b.prefix+a.Key] = a.Value.Resolve().Any()
		return true
	})
	hub := sentrygo.GetHubFromContext(ctx)
	if hub == nil {
		hub = sentrygo.CurrentHub()
	}
	hub.AddBreadcrumb(&sentrygo.Breadcrumb{
		Category: "log", Message: r.Message, Level: levelOf(r.Level), Timestamp: r.Time, Data: data,
	}, nil)
	return b.Handler.Handle(ctx, r)
}

// WithAttrs and WithGroup keep the wrapper around what the other handler returns.
func (b Breadcrumbs) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := Breadcrumbs{Handler: b.Handler.WithAttrs(attrs), prefix: b.prefix}
	next.attrs = append(next.attrs, b.attrs...)
	for _, a := range attrs {
		next.attrs = append(next.attrs, slog.Attr{Key: b.prefix + a.Key, Value: a.Value})
	}
	return next
}

func (b Breadcrumbs) WithGroup(name string) slog.Handler {
	if name == "" {
		return b
	}
	return Breadcrumbs{Handler: b.Handler.WithGroup(name), attrs: b.attrs, prefix: b.prefix + name + "."}
}

func levelOf(l slog.Level) sentrygo.Level {
	switch {
	case l >= slog.LevelError:
		return sentrygo.LevelError
	case l >= slog.LevelWarn:
		return sentrygo.LevelWarning
	case l >= slog.LevelInfo:
		return sentrygo.LevelInfo
	}
	return sentrygo.LevelDebug
}
