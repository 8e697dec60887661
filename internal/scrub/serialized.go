package scrub

import (
	"reflect"

	"github.com/getsentry/sentry-go"
)

// isSerialized reports whether sentry-go has encoded parts of e already
// (Event.MakeSerializationSafe, before its telemetry buffer), in which case it
// would send those and not what is in the fields. There is no other way to see
// it; should the field go, the answer is no, and TestSerialized fails.
func isSerialized(e *sentry.Event) bool {
	f := reflect.ValueOf(e).Elem().FieldByName("serializationSafe")
	return f.IsValid() && f.Kind() == reflect.Bool && f.Bool()
}

// unserialized returns e without what was encoded.
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
