package sentry_test

import (
	"context"
	"fmt"

	sentrygo "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
)

// requestContext is the context of a request, as a middleware makes it.
func requestContext(id string) context.Context {
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetTag("request_id", id)
	return sentrygo.SetHubOnContext(context.Background(), hub)
}

// A recovery handler of a framework, such as go-grpc-middleware's
// recovery.WithRecoveryHandlerContext, or one of Kubernetes' PanicHandlers.
func ExampleRecoverErrorWithContext() {
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()))
	defer sentry.Close()

	onPanic := func(ctx context.Context, value any) error {
		sentry.RecoverErrorWithContext(ctx, value)
		return fmt.Errorf("internal error")
	}
	// What the framework does:
	call := func(ctx context.Context, method func()) (err error) {
		defer func() {
			if value := recover(); value != nil {
				err = onPanic(ctx, value)
			}
		}()
		method()
		return nil
	}
	err := call(requestContext("r-17"), func() { panic("no such account") })

	event := server.Events()[0]
	fmt.Println(err, "|", event.Title(), "|", event.Tags["request_id"])
	// Output: internal error | panic: no such account | r-17
}

// The request's context ends with its handler; the work goes on.
func ExampleGoWithContext() {
	ctx := context.WithoutCancel(requestContext("r-17"))
	done := make(chan struct{})
	sentry.GoWithContext(ctx, func(ctx context.Context) {
		defer close(done)
		sentrygo.GetHubFromContext(ctx).Scope().SetTag("step", "mail") // in this goroutine's reports only
		fmt.Println("guarded")
	})
	<-done
	// Output: guarded
}

// One binary is tried in staging, and then promoted to production.
func ExampleWithEnvironment() {
	server := receiver()
	defer server.Close()
	configured := "production" // read from the configuration of the deployment
	sentry.MustInit(sentry.WithDSN(server.DSN()), sentry.WithEnvironment(configured))
	defer sentry.Close()

	sentry.RecoverError("out of paper")
	fmt.Println(server.Events()[0].Environment)
	// Output: production
}

func ExampleSetTag() {
	server := receiver()
	defer server.Close()
	sentry.MustInit(sentry.WithDSN(server.DSN()))
	defer sentry.Close()

	sentry.SetTag("screen", "settings")
	defer sentry.SetTag("screen", "") // removes it
	sentry.RecoverError("out of paper")
	fmt.Println(server.Events()[0].Tags["screen"])
	// Output: settings
}

func ExampleInit_wrongSettings() {
	fmt.Println(sentry.Init(
		sentry.WithEnvironments(), // a list that nobody has filled
		sentry.WithTags(map[string]string{"tenant id": "17"}),
	))
	// Output:
	// init sentry: WithEnvironments: there is no name: leave the option out to report everywhere
	// WithTags: the tag "tenant id": its name may have only the letters a to z and A to Z, digits and _ . : -
}
