package sentrytest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	sentrygo "github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// t stands for the *testing.T of a test.
var t exampleT

type exampleT struct{}

func (exampleT) Helper()                         {}
func (exampleT) Cleanup(func())                  {}
func (exampleT) Setenv(string, string)           {}
func (exampleT) Fatalf(text string, args ...any) { fmt.Printf(text+"\n", args...) }

func ExampleNewServer() {
	server := sentrytest.NewServer(t)
	defer server.Close() // a real test does not need this, because NewServer closes the server when the test ends

	client, err := sentrygo.NewClient(sentrygo.ClientOptions{
		Dsn:       server.DSN(),
		Transport: sentrygo.NewHTTPSyncTransport(),
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer client.Close()
	hub := sentrygo.NewHub(client, sentrygo.NewScope())
	hub.CaptureException(errors.New("disk full"))

	event := server.Wait(1)[0]
	fmt.Println(event.Title())
	fmt.Println(event.Top().Name())
	// Output:
	// *errors.errorString: disk full
	// github.com/panicreport/sentry/sentrytest_test.ExampleNewServer
}

func ExampleInit() {
	server := sentrytest.Init(t)
	defer server.Close() // a real test does not need these two, because Init does both when the test ends
	defer sentry.Close()

	sentry.RecoverError("out of paper")

	fmt.Println(server.Wait(1)[0].Title())
	// Output: panic: out of paper
}

func ExampleStart() {
	server, err := sentrytest.Start()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	client, err := sentrygo.NewClient(sentrygo.ClientOptions{Dsn: server.DSN(), Release: "wallet@1.4.2"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	sentrygo.NewHub(client, sentrygo.NewScope()).CaptureMessage("low on disk")

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	events, err := server.WaitContext(ctx, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(events[0].Title(), "in", events[0].Release)
	// Output: low on disk in wallet@1.4.2
}

func ExampleServer_Answer() {
	server := sentrytest.NewServer(t)
	defer server.Close()

	client, err := sentrygo.NewClient(sentrygo.ClientOptions{
		Dsn:                  server.DSN(),
		Transport:            sentrygo.NewHTTPSyncTransport(),
		DisableClientReports: true,
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	defer client.Close()
	hub := sentrygo.NewHub(client, sentrygo.NewScope())

	server.Answer(sentrytest.Status(503), sentrytest.CaptivePortal(), sentrytest.Accept())
	for range 4 {
		hub.CaptureMessage("low on disk")
	}

	for _, attempt := range server.Attempts() {
		fmt.Println(attempt.Status, attempt.Outcome)
	}
	// Output:
	// 503 refused
	// 200 refused
	// 200 accepted
	// 200 accepted
}

func ExampleParseEnvelope() {
	envelope, err := sentrytest.ParseEnvelope([]byte(`{"event_id":"9ec79c33ec9942ab8353589fcb2e04dc"}
{"type":"event"}
{"level":"fatal","platform":"go","exception":[{"type":"panic","value":"boom"}]}
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	event, err := envelope.Event()
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := event.Format(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// panic: boom
	//   level        fatal
	//   event        9ec79c33ec9942ab8353589fcb2e04dc, go
}
