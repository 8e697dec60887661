// Command recovers panics below a framework, with a guard in one of two places: the
// first argument names the framework, the second is inside or outside. It prints
// "alive" if the program has outlived that. docs/recovered.md is a table of the
// answers, and its test holds each row.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"text/template"

	"github.com/ethereum/go-ethereum/rpc"
	"github.com/gin-gonic/gin"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"
	"github.com/robfig/cron/v3"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
	"google.golang.org/grpc"
	"k8s.io/apimachinery/pkg/util/runtime"

	"github.com/panicreport/sentry"
)

// isInside tells where the guard is: next to the panic, or outside of the framework.
var isInside bool

// work is the code that a framework calls.
func work() {
	if isInside {
		defer sentry.Recover()
	}
	panic("work")
}

// A worker panics in the methods that a package of the standard library calls.
type worker struct{}

func (worker) MarshalJSON() ([]byte, error) { work(); return nil, nil }
func (worker) String() string               { work(); return "" }
func (worker) Work() string                 { work(); return "" }

var frameworks = map[string]func() error{
	"net/http": func() error {
		server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { work() }))
		defer server.Close()
		if response, err := http.Get(server.URL); err == nil {
			return response.Body.Close()
		}
		return nil // the server has closed the connection
	},
	"gin": func() error {
		gin.DefaultErrorWriter, gin.DefaultWriter = io.Discard, io.Discard
		router := gin.Default()
		router.GET("/", func(*gin.Context) { work() })
		router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		return nil
	},
	"echo": func() error {
		router := echo.New()
		router.Logger = slog.New(slog.DiscardHandler)
		router.Use(middleware.Recover())
		router.GET("/", func(*echo.Context) error { work(); return nil })
		router.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
		return nil
	},
	"grpc": func() error {
		intercept := recovery.UnaryServerInterceptor()
		handler := grpc.UnaryHandler(func(context.Context, any) (any, error) { work(); return nil, nil })
		_, err := intercept(context.Background(), nil, nil, handler)
		return mustFail(err)
	},
	"rpc": func() error {
		server := rpc.NewServer()
		defer server.Stop()
		if err := server.RegisterName("shop", service{}); err != nil {
			return err
		}
		client := rpc.DialInProc(server)
		defer client.Close()
		return mustFail(client.Call(nil, "shop_work"))
	},
	"cron": func() error {
		cron.NewChain(cron.Recover(cron.DiscardLogger)).Then(cron.FuncJob(work)).Run()
		return nil
	},
	"fasthttp": func() error {
		listener := fasthttputil.NewInmemoryListener()
		server := &fasthttp.Server{Handler: func(*fasthttp.RequestCtx) { work() }}
		go func() {
			defer sentry.Recover()
			_ = server.Serve(listener)
		}()
		client := &http.Client{Transport: &http.Transport{
			DialContext: func(context.Context, string, string) (net.Conn, error) { return listener.Dial() }}}
		response, err := client.Get("http://shop/")
		if err != nil {
			select {} // the process is about to end
		}
		return response.Body.Close()
	},
	"k8s": func() error {
		defer runtime.HandleCrash()
		work()
		return nil
	},
	"json": func() error {
		_, err := json.Marshal(worker{})
		return mustFail(err)
	},
	"fmt": func() error {
		if text := fmt.Sprintf("%v", worker{}); text != "%!v(PANIC=String method: work)" {
			return errors.New(text)
		}
		return nil
	},
	"template": func() error {
		return mustFail(template.Must(template.New("").Parse("{{.Work}}")).Execute(io.Discard, worker{}))
	},
}

type service struct{}

func (service) Work() { work() }

func mustFail(err error) error {
	if err == nil {
		return errors.New("the framework does not tell of the panic")
	}
	return nil
}

func main() {
	sentry.MustInit(sentry.WithDSN(os.Getenv("SENTRY_DSN")))
	defer sentry.Close()
	isInside = os.Args[2] == "inside"
	if !isInside {
		defer sentry.Recover()
	}
	log.SetOutput(io.Discard)
	if err := frameworks[os.Args[1]](); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("alive")
}
