//go:build !unix

package sentrytest

import "net"

// A place keeps the port of a server that is down, where the system can.
type place struct{}

func keepPlace(string) *place { return nil }

func (*place) leave() {}

func (*place) listen(addr string) (net.Listener, error) { return net.Listen("tcp", addr) }
