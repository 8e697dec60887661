package main

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

func TestEcho(t *testing.T) {
	server := sentrytest.Init(t)
	request := httptest.NewRequest(http.MethodGet, "/users/0", nil)
	request.Header.Set("X-Request-ID", "r-17")
	response := httptest.NewRecorder()
	router().ServeHTTP(response, request)
	require.Equal(t, http.StatusInternalServerError, response.Code)
	require.True(t, sentry.Flush(sentrytest.DefaultPatience))
	require.Len(t, server.Events(), 1)
	event := server.Events()[0]
	require.Equal(t, "runtime error: index out of range [-1]", event.Title())
	require.Equal(t, "getUser", event.Top().Function)
	require.Equal(t, "r-17", event.Tags["request_id"])
}
