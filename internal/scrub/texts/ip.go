package texts

import "net/netip"

// Identifies reports whether an address can identify a person. Loopback
// addresses, the unspecified address and netmasks are the same on every
// machine, and "dial tcp 127.0.0.1:5432: connection refused" needs its address.
// Private addresses are removed: 192.168.178.23 can identify a device of a
// known network.
func Identifies(a netip.Addr) bool {
	a = a.Unmap()
	if a.Is4() && a.As4()[0] == 255 {
		return false
	}
	return !a.IsLoopback() && !a.IsUnspecified()
}
