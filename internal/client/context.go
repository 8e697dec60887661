package client

import (
	"context"
	"net/http"
	"reflect"

	"github.com/getsentry/sentry-go"
)

// frameworkKey is where sentry-go's middlewares for frameworks with a context of
// their own (gin, fasthttp) put the hub.
const frameworkKey = "sentry"

// hubOf returns the hub on ctx, or the current one.
func hubOf(ctx context.Context) *sentry.Hub {
	if hub := sentry.GetHubFromContext(ctx); hub != nil {
		return hub
	}
	if hub, ok := ctx.Value(frameworkKey).(*sentry.Hub); ok && hub != nil {
		return hub
	}
	return sentry.CurrentHub()
}

// underlying returns ctx, or the context of the request that it is made of. A
// *gin.Context shows what is on its Request only if gin was told to
// (ContextWithFallback), so that the hub and the span there would be missed. Gin is
// not imported for that: a struct with a field Request is enough.
func underlying(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	if sentry.HasHubOnContext(ctx) {
		return ctx
	}
	v := reflect.ValueOf(ctx)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return ctx
	}
	field := v.Elem().FieldByName("Request")
	if !field.IsValid() || !field.CanInterface() {
		return ctx
	}
	if r, ok := field.Interface().(*http.Request); ok && r != nil && sentry.HasHubOnContext(r.Context()) {
		return r.Context()
	}
	return ctx
}

// WithOwnHub returns a context with a copy of the hub on ctx: what is set on either
// of them from here on is not seen on the other.
func WithOwnHub(ctx context.Context) context.Context {
	hub := hubOf(underlying(ctx))
	if ctx == nil {
		ctx = context.Background()
	}
	return sentry.SetHubOnContext(ctx, hub.Clone())
}
