package main

import (
	"crypto/rand"
	"net/http"

	sentrygo "github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/panicreport/sentry"
)

// handler puts the parts together. The order matters: what is further out comes
// first. A panic passes identify, is reported, and becomes an answer.
func handler(report func(http.Handler) http.Handler) http.Handler {
	app := http.NewServeMux()
	app.HandleFunc("GET /orders/{id}", getOrder)
	app.HandleFunc("POST /orders/{id}/receipt", postReceipt)

	all := http.NewServeMux()
	all.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	all.Handle("/", answer500(report(identify(app)))) // a probe is no transaction
	return all
}

// answer500 answers a request whose handler has panicked. Without it, net/http
// closes the connection, and the client knows nothing.
func answer500(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			switch value := recover(); value {
			case nil:
			case http.ErrAbortHandler: // which asks net/http to close the connection
				panic(value)
			default:
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// withSentryHTTP uses the middleware of sentry-go, which reports through the
// library. Repanic lets the panic go on to answer500.
func withSentryHTTP(next http.Handler) http.Handler {
	return sentryhttp.New(sentryhttp.Options{Repanic: true}).Handle(next)
}

// withoutSentryHTTP does the same without transactions.
func withoutSentryHTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub := sentrygo.CurrentHub().Clone() // the tags of a request are its own
		hub.Scope().SetRequest(r)
		ctx := sentrygo.SetHubOnContext(r.Context(), hub)
		defer sentry.RecoverWithContext(ctx)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// identify says whose request it is. In a real server, the tenant and the user
// come from the session, and not from what the client claims.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := r.Header.Get("X-Request-ID")
		if id == "" {
			id = rand.Text()
		}
		w.Header().Set("X-Request-ID", id) // the client can quote it
		scope := sentrygo.GetHubFromContext(r.Context()).Scope()
		scope.SetTag("request_id", id)
		scope.SetTag("tenant_id", r.Header.Get("X-Tenant-ID"))
		scope.SetUser(sentrygo.User{ID: r.Header.Get("X-User-ID")})
		next.ServeHTTP(w, r)
	})
}
