package sentrytest

// InflatedStatus is what a gzip body is refused with if its envelope may have at most so many bytes, 0 if it is not. The real
// bound is too large for a test: with the race detector, 100 MiB took ten seconds to deflate and inflate.
func InflatedStatus(body []byte, most int) int {
	if _, refused := inflate("gzip", body, most); refused != nil {
		return refused.status
	}
	return 0
}
