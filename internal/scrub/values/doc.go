// Package values removes secrets from a value of any type: the data of a
// breadcrumb, a context, a variable of a frame, a document of JSON.
//
// A Walker goes through maps, lists, structs and whatever else a value consists
// of. The key of a value says whether the value is secret as a whole; package
// texts judges the key and looks at every text. The result has the form of what
// encoding/json decodes, so it can be encoded whatever the value was: one that
// contains itself, a channel, a number that JSON does not have, a type whose
// methods panic. The size of the result is bounded.
//
//	w := values.NewWalker(&scrubber)
//	next, changed := w.Value("login", map[string]any{"user": "bob", "password": "hunter2"})
//	// map[password:[Filtered] user:bob] true
//
// The value itself is not changed, because the application may still use it.
// What needs no change is returned as it is. Maps and lists are copied only
// where something in them changes.
//
// The package does not know where in an event a value is; package scrub does.
//
// # Where a new rule goes
//
//   - What a key or a text says: package texts.
//   - A value that can stay although its key is that of a secret: secret.go.
//   - A map or a list whose elements belong together, such as a name and a value:
//     map.go and list.go.
//   - A field of Sentry's protocol that must not be taken for a text: protocol.go.
//   - A type that the Walker should show in another way: Value in walker.go if
//     it is frequent, convert.go otherwise.
package values
