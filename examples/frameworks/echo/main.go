// Command echo is a server with echo. middleware.Recover makes an error of a panic,
// which echo answers with 500; sentryecho reports it before through the library:
//
//	go run ./echo &
//	curl -i http://127.0.0.1:8080/users/0
package main

import (
	"log"
	"net/http"
	"strconv"

	sentryecho "github.com/getsentry/sentry-go/echo"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	if err := router().Start("127.0.0.1:8080"); err != nil {
		log.Print(err)
	}
}

// router puts Recover first, which is outermost: it must not see the panic before
// sentryecho does.
func router() *echo.Echo {
	e := echo.New()
	e.Use(middleware.Recover(), sentryecho.New(sentryecho.Options{Repanic: true}), identify)
	e.GET("/users/:id", getUser)
	return e
}

// identify puts who it is on the hub of the request.
func identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c *echo.Context) error {
		scope := sentryecho.GetHubFromContext(c).Scope()
		scope.SetTag("request_id", c.Request().Header.Get("X-Request-ID"))
		scope.SetTag("tenant_id", c.Request().Header.Get("X-Tenant-ID"))
		return next(c)
	}
}

var users = []string{"ada"}

func getUser(c *echo.Context) error {
	id, _ := strconv.Atoi(c.Param("id"))
	return c.String(http.StatusOK, users[id-1])
}
