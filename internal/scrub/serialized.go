package scrub

import (
	"reflect"

	"github.com/getsentry/sentry-go"
)

// isSerialized reports whether sentry-go has already encoded parts of e, as it
// does in Event.MakeSerializationSafe before its telemetry buffer. It would
// then send the encoded parts instead of the fields. Only a field that is not
// exported shows that. If sentry-go removes the field, isSerialized returns
// false and TestSerialized fails.
func isSerialized(e *sentry.Event) bool {
	f := reflect.ValueOf(e).Elem().FieldByName("serializationSafe")
	return f.IsValid() && f.Kind() == reflect.Bool && f.Bool()
}

// unserialized returns e without the parts that were encoded.
func unserialized(e *sentry.Event) sentry.Event {
	var c sentry.Event
	from, to := reflect.ValueOf(e).Elem(), reflect.ValueOf(&c).Elem()
	for i := range from.NumField() {
		if from.Type().Field(i).IsExported() {
			to.Field(i).Set(from.Field(i))
		}
	}
	return c
}
