package sentrytest

// InflatedStatus is what a gzip body is refused with if its envelope may have at most so many bytes, 0 if it is not. The real
// bound is too large for a test: a race-enabled binary takes ten seconds to inflate 100 MiB.
func InflatedStatus(body []byte, most int) int {
	if _, refused := inflate("gzip", body, most); refused != nil {
		return refused.status
	}
	return 0
}
