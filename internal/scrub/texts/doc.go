// Package texts removes secrets, and what identifies a person, from plain text:
// the text of a panic, a line of a log, a URL.
//
// A scanner reads a text from left to right. It replaces what one of its rules
// recognises and keeps the rest, because a report has to stay readable. There
// are two kinds of rules:
//
//   - A value is secret because of the name before it. The rules know the
//     forms in which programs print names and values: password=hunter2,
//     {"password":"hunter2"}, {User:bob Password:hunter2}, --password hunter2.
//   - A value is secret because of its own shape: an e-mail address, an IP
//     address, the user and the password in a URL, a token with a known prefix,
//     a home directory, the number of a payment card.
//
// A text is read as it is and as what it says: where it has escapes, of JSON, of a
// URL, of HTML, of a terminal, the rules also read it with the escapes undone.
//
// The time for a text is linear in its size, whatever the text is.
//
// # What it does not do
//
// It does not recognise a secret that has neither a name nor a shape. In "he
// said swordfish", nothing shows that swordfish is a password. It knows no type
// of Sentry and no structure; packages values and scrub take maps, lists and
// events apart and call this package for each text in them.
//
// # How it is used
//
//	s := texts.New(texts.Config{SensitiveKeys: []string{"tenant"}})
//	s.Text("dial postgres://bob:hunter2@10.1.2.3/app: timeout", texts.MaxText)
//	// dial postgres://[Filtered]@[ip]/app: timeout
//
// A caller that knows the name of a value asks Sensitivity what the name says,
// and replaces the value by Filtered.
//
// # Where a new rule goes
//
//   - A name whose value is secret: the lists in secretnames.go.
//   - A token with a prefix of its own: the table in token.go.
//   - Another way to write an escape: view.go.
//   - Everything else: the tables in rules.go, which have all rules with a text in
//     which each hides something, and one that looks alike and stays. A new rule is
//     a method of scanner in a file for its construct; the comment of the method
//     shows the text that it reads. For a form with a separator, begin at pair.go.
//   - Where the value of a known form ends: value.go and extent.go.
//   - A value that has to stay although its name is that of a secret: keep.go,
//     or prose.go if it is part of a sentence.
//
// Every rule comes with at least two texts in package scrubtest: one in
// secrets.txt with a secret that has to go, and one in innocent.txt that looks
// similar and has to stay.
package texts
