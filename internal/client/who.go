package client

import (
	"reflect"

	"github.com/getsentry/sentry-go"
)

// Who returns the user and the tags of the current hub. sentry-go shows them only to
// the event processors of the application, by an event: nobody should hear of one that
// is none. So the fields of a copy of the scope are read, which needs no lock. What a
// later version calls otherwise is left out; TestLastMoments tells.
func Who() (user sentry.User, tags map[string]string) {
	scope := sentry.CurrentHub().Scope()
	if scope == nil {
		return user, nil
	}
	fields := reflect.ValueOf(scope.Clone()).Elem()
	if u := fields.FieldByName("user"); u.IsValid() && u.Type() == reflect.TypeFor[sentry.User]() {
		user = sentry.User{
			ID:       u.FieldByName("ID").String(),
			Email:    u.FieldByName("Email").String(),
			Username: u.FieldByName("Username").String(),
			Name:     u.FieldByName("Name").String(),
		}
	}
	if t := fields.FieldByName("tags"); t.IsValid() && t.Type() == reflect.TypeFor[map[string]string]() {
		tags = make(map[string]string, t.Len())
		for each := t.MapRange(); each.Next(); {
			tags[each.Key().String()] = each.Value().String()
		}
	}
	return user, tags
}
