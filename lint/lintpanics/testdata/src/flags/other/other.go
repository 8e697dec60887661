// Package other is another reporter.
package other

func Monitor()           { recover() }
func (c *Client) Guard() { recover() }
func Named(string)       { recover() }

type Client struct{}
