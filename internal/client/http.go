package client

import (
	"cmp"
	"crypto/tls"
	"net/http"
	"net/url"
	"time"

	"github.com/getsentry/sentry-go"
)

// Bounds of the connections to one Sentry server.
const (
	idleConnections = 4                // as many as the sender has workers
	idleTimeout     = 30 * time.Second // a burst of panics is over by then
	requestTimeout  = 30 * time.Second // sentry-go's own
)

// HTTP is the application's own client, or sentry-go's default: with its proxy
// and certificate options. It follows no redirect: the key in the request is
// for the DSN's host alone, and a login page is no Sentry server.
func HTTP(opts sentry.ClientOptions) *http.Client {
	client := &http.Client{Transport: opts.HTTPTransport, Timeout: requestTimeout}
	switch {
	case opts.HTTPClient != nil:
		*client = *opts.HTTPClient
	case opts.HTTPTransport == nil:
		client.Transport = &http.Transport{
			Proxy:               proxyOf(opts),
			TLSClientConfig:     &tls.Config{RootCAs: opts.CaCerts, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: idleConnections,
			IdleConnTimeout:     idleTimeout,
			ForceAttemptHTTP2:   true,
		}
	}
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return client
}

func proxyOf(opts sentry.ClientOptions) func(*http.Request) (*url.URL, error) {
	proxy := cmp.Or(opts.HTTPSProxy, opts.HTTPProxy)
	if proxy == "" {
		return http.ProxyFromEnvironment
	}
	return func(*http.Request) (*url.URL, error) { return url.Parse(proxy) }
}
