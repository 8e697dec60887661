package client

import (
	"errors"
	"fmt"
	"strings"

	"github.com/getsentry/sentry-go"
)

// UserAgent is how a sentry-go client is known to servers.
const UserAgent = "sentry.go/" + sentry.SDKVersion

// A DSN names a Sentry project.
type DSN struct{ dsn *sentry.Dsn }

// plainReasons say what sentry-go's words mean to who looks at a DSN.
var plainReasons = map[string]string{
	"invalid scheme":   "it does not begin with http:// or https://",
	"empty username":   "the key is missing",
	"empty host":       "the host is missing",
	"invalid port":     "the port is not a number",
	"empty project id": "the project is missing",
}

// ParseDSN returns nil for no DSN. Its errors do not contain any part of it.
func ParseDSN(text string) (*DSN, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, nil
	}
	dsn, err := sentry.NewDsn(text)
	if err == nil {
		return &DSN{dsn}, nil
	}
	reason := "it is not a URL"
	var parse *sentry.DsnParseError
	if errors.As(err, &parse) && !strings.HasPrefix(parse.Message, "invalid url") {
		reason = parse.Message // fixed words
		if plain, ok := plainReasons[reason]; ok {
			reason = plain
		}
	}
	return nil, fmt.Errorf("parse DSN: %s: want https://<key>@<host>/<project>", reason)
}

// URL is where envelopes are sent to.
func (d *DSN) URL() string { return d.dsn.GetAPIURL().String() }

// Auth is the value of the header X-Sentry-Auth.
// https://develop.sentry.dev/sdk/overview/#authentication
func (d *DSN) Auth() string {
	auth := "Sentry sentry_version=7, sentry_client=" + UserAgent + ", sentry_key=" + d.dsn.GetPublicKey()
	if secret := d.dsn.GetSecretKey(); secret != "" {
		auth += ", sentry_secret=" + secret
	}
	return auth
}
