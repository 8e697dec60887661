package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	sentrygin "github.com/getsentry/sentry-go/gin"
	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

func init() {
	gin.SetMode(gin.TestMode)
	gin.DefaultErrorWriter = io.Discard // of Recovery, which prints the stack
}

func get(h http.Handler) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, "/users/0", nil)
	request.Header.Set("X-Request-ID", "r-17")
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	return response
}

func TestGin(t *testing.T) {
	server := sentrytest.Init(t)
	require.Equal(t, http.StatusInternalServerError, get(router()).Code)
	require.True(t, sentry.Flush(sentrytest.DefaultPatience))
	require.Len(t, server.Events(), 1)
	event := server.Events()[0]
	require.Equal(t, "runtime error: index out of range [-1]", event.Title())
	require.Equal(t, "getUser", event.Top().Function)
	require.Equal(t, "r-17", event.Tags["request_id"])
	require.Equal(t, "http://example.com/users/0", event.Request.URL)
	require.True(t, event.Unhandled())
}

// TestGinWithoutItsMiddleware: a guard of ours in its place finds the hub of the
// request, though gin does not show it.
func TestGinWithoutItsMiddleware(t *testing.T) {
	server := sentrytest.Init(t)
	r := gin.New()
	r.Use(gin.Recovery(), sentrygin.New(sentrygin.Options{Repanic: true}), identify, func(c *gin.Context) {
		defer sentry.RecoverWithContext(c)
		c.Next()
	})
	r.GET("/users/:id", getUser)
	require.Equal(t, http.StatusInternalServerError, get(r).Code)
	require.True(t, sentry.Flush(sentrytest.DefaultPatience))
	require.Len(t, server.Events(), 1, "two guards, one report")
	require.Equal(t, "r-17", server.Events()[0].Tags["request_id"])
}

// TestGinInTheWrongOrder is why router says something about it.
func TestGinInTheWrongOrder(t *testing.T) {
	server := sentrytest.Init(t)
	r := gin.New()
	r.Use(sentrygin.New(sentrygin.Options{Repanic: true}), gin.Recovery())
	r.GET("/users/:id", getUser)
	require.Equal(t, http.StatusInternalServerError, get(r).Code)
	require.True(t, sentry.Flush(sentrytest.DefaultPatience))
	require.Empty(t, server.Attempts())
}
