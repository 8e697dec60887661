// Command gin is a server with gin. gin.Recovery answers 500, and sentrygin reports
// through the library:
//
//	go run ./gin &
//	curl -i http://127.0.0.1:8080/users/0
package main

import (
	"context"
	"log"
	"net/http"
	"strconv"

	sentrygin "github.com/getsentry/sentry-go/gin"
	"github.com/gin-gonic/gin"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	if err := router().Run("127.0.0.1:8080"); err != nil {
		log.Print(err)
	}
}

// router puts Recovery first, which is outermost, as gin.Default does. The other way
// round, Recovery would end the panic before sentrygin sees it.
func router() *gin.Engine {
	r := gin.New()
	r.Use(gin.Recovery(), sentrygin.New(sentrygin.Options{Repanic: true}), identify)
	r.GET("/users/:id", getUser)
	return r
}

// identify puts who it is on the hub of the request.
func identify(c *gin.Context) {
	scope := sentrygin.GetHubFromContext(c).Scope()
	scope.SetTag("request_id", c.GetHeader("X-Request-ID"))
	scope.SetTag("tenant_id", c.GetHeader("X-Tenant-ID"))
}

var users = []string{"ada"}

func getUser(c *gin.Context) {
	id, _ := strconv.Atoi(c.Param("id"))
	// gin uses c again for other requests, so the goroutine gets the context of this one.
	ctx := context.WithoutCancel(c.Request.Context())
	sentry.GoWithContext(ctx, func(ctx context.Context) { count(ctx, id) })
	c.String(http.StatusOK, users[id-1])
}

func count(context.Context, int) {}
