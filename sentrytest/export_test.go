package sentrytest

// InflatedStatus returns the status with which a gzip body is refused if its envelope may have at most so many bytes. It returns 0 if
// the body is accepted. MaxEnvelopeSize is too large for a test: with the race detector, it took ten seconds to deflate and inflate
// 100 MiB.
func InflatedStatus(body []byte, most int) int {
	if _, refused := inflate("gzip", body, most); refused != nil {
		return refused.status
	}
	return 0
}

// Addr returns the address at which the server listens.
func Addr(s *Server) string { return s.addr }
