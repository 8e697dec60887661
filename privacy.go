package sentry

// WithUserNames sends the name and the username of the user that the program has put
// on a scope of sentry-go. It is for servers, whose operator knows the users anyway
// and looks for the reports of one of them. An e-mail address in such a name is
// still replaced, and the fields for the e-mail and IP address are still removed.
// By default, only the id of a user is sent.
func WithUserNames() Option {
	return optionFunc(func(c *config) { c.Reporter.UserNames = true })
}
