package sentry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	sentrygo "github.com/getsentry/sentry-go"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

// data returns a text that is not in this program, where it is written with the
// letters of ROT13.
func data(hidden string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case 'A' <= r && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, hidden)
}

// person are data of one.
const person = "Tenpr Ubccre, nqn@xnamyrv-zhryyre.rknzcyr, /ubzr/tenpr/jnyyrg.qo, uhagre gjb, yrtny jvaare guvax lrne"

// requireNothingOf says that a report has no word of four letters of a person.
func requireNothingOf(t *testing.T, hidden string, e *sentrytest.Event) {
	t.Helper()
	var all strings.Builder
	for _, item := range e.Envelope.Items {
		fmt.Fprintf(&all, "%s\n%s\n", item.Header, item.Payload)
	}
	for _, word := range strings.FieldsFunc(data(hidden), func(r rune) bool { return r < 'A' || r > 'z' }) {
		if len(word) >= 4 {
			require.NotContains(t, all.String(), word)
		}
	}
	require.NotContains(t, all.String(), "1711004711")
}

type account struct{ Age int }

func TestOwnWords(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithOwnWords())
	_, open := os.Open(data("/ubzr/tenpr/jnyyrg.qo"))
	_, parse := url.Parse(data("cbfgterf://obo:uha gre2@qo/ncc"))
	number := data("uhagre") + "1711004711"
	_, atoi := strconv.Atoi(number)
	unmarshal := json.Unmarshal([]byte(`{"Age": "x"}`), &account{})
	where := "offline"
	for n, c := range []struct {
		value any
		want  string
	}{
		{open, "open …: no such file or directory"},
		{parse, "parse …: net/url: invalid userinfo"},
		{atoi, `strconv.Atoi: parsing "…": invalid syntax`},
		{unmarshal, "json: cannot unmarshal string into Go struct field account.Age of type int"},
		{fmt.Errorf("account %q is locked by %s", data("Tenpr Ubccre"), data("obo")), `account "…" is locked by …`},
		{fmt.Errorf("load settings: %w", fmt.Errorf("line %d of %s: %w", 17, data("jnyyrg"), errors.New("unexpected colon"))), "load settings: line 17 of …: unexpected colon"},
		{fmt.Sprint(data("Tenpr"), 1711004711), "…"},
		{where, "offline"},
		{data("uhagre"), "…"},
	} {
		survive(c.value)
		e := server.Events()[n]
		require.Empty(t, e.Invalid)
		got := e.Exception().Value
		if n == 1 { // a pattern has hidden the password, and where it ends is its own affair
			require.Contains(t, got, "net/url: invalid userinfo")
		} else {
			require.Equal(t, c.want, got)
		}
		requireNothingOf(t, person, e)
		top := e.Top()
		require.Equal(t, "survive", top.Function)
		require.Equal(t, "github.com/panicreport/sentry_test", top.Module)
	}
	for _, at := range []int{5, 123456} {
		func() {
			defer func() { _ = recover() }()
			defer sentry.Recover()
			_ = []int{}[at]
		}()
		e := server.Events()
		require.Equal(t, fmt.Sprintf("index out of range [%d] with length 0", at), e[len(e)-1].Exception().Value)
	}
}

// TestOwnWordsEverywhere: no field of an event lets anything else out.
func TestOwnWordsEverywhere(t *testing.T) {
	server := sentrytest.NewServer(t)
	var log strings.Builder
	initialise(t, server, sentry.WithOwnWords(), sentry.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	for _, put := range places {
		hub := sentrygo.CurrentHub().Clone()
		put(hub, "the ledger of "+data(person)+" is not balanced")
		s := hub.Scope()
		s.SetContext(data("tenprubccre"), sentrygo.Context{"state": 1})
		s.SetContext("ledger", sentrygo.Context{data("tenprubccre"): 1711004711, "balance": 1711004711, "list": []any{data("tenpr"), time.Unix(1711004711, 0)}})
		s.SetTag(data("tenprubccre"), "x")
		s.SetUser(sentrygo.User{ID: data("tenprubccre"), Data: map[string]string{"a": data("tenprubccre")}})
		s.SetFingerprint([]string{data("tenprubccre")})
		s.AddAttachment(&sentrygo.Attachment{Filename: data("tenprubccre.gkg"), Payload: []byte(data(person))})
		s.AddAttachment(&sentrygo.Attachment{Filename: "x.bin", Payload: []byte("\xff\xfe" + data(person))})
		hub.AddBreadcrumb(&sentrygo.Breadcrumb{Category: data("tenpr"), Data: map[string]any{data("tenprubccre"): 1711004711}}, nil)
		hub.CaptureException(errors.New("not balanced"))
		hub.CaptureEvent(&sentrygo.Event{
			Message: data(person), Transaction: data("/hfref/tenpr"), Logger: data("tenpr"), ServerName: data("tenpr"), Dist: data("tenpr"),
			Exception: []sentrygo.Exception{{Type: data("tenpr"), Value: data("tenpr"), Module: data("tenpr"), Stacktrace: &sentrygo.Stacktrace{
				Frames: []sentrygo.Frame{{Function: data("tenpr"), Filename: data("tenpr.tb"), Vars: map[string]any{"a": data("tenpr")}}},
			}}},
			Level: sentrygo.Level(data("tenpr")), Platform: data("tenpr"),
		})
	}
	require.True(t, sentry.Flush(long))
	require.Empty(t, log.String())
	var messages, functions []string
	for _, e := range server.Events() {
		requireNothingOf(t, person, e)
		for _, f := range e.Frames() {
			functions = append(functions, f.Function)
			require.True(t, strings.HasSuffix(f.Filename, ".go") || f.Function == "…", f.Filename)
		}
		for _, b := range e.Breadcrumbs {
			messages = append(messages, b.Message)
		}
	}
	require.Contains(t, functions, "TestOwnWordsEverywhere")
	require.Contains(t, messages, "the ledger of …, [email], … is not balanced")
}

// TestOwnWordsOfOtherTelemetry: transactions, logs and their attributes come another
// way.
func TestOwnWordsOfOtherTelemetry(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithOwnWords(), withTracing)
	tx := sentrygo.StartTransaction(t.Context(), "GET /ledgers/{name}")
	span := tx.StartChild("read a ledger", sentrygo.WithDescription("read the ledger of "+data("tenpr")))
	span.SetData(data("tenprubccre"), data("tenpr"))
	span.Finish()
	tx.Finish()
	logger := sentrygo.NewLogger(t.Context())
	logger.Info().String("ledger", data("tenprubccre")).String(data("tenprubccre"), "x").Int("n", 1711004711).Emitf("the ledger of %s is not balanced", data("tenpr"))
	require.True(t, sentry.Flush(long))
	sent := ""
	for _, a := range server.Attempts() {
		sent += string(a.Body)
	}
	require.NotContains(t, sent, data("tenpr"))
	require.NotContains(t, sent, "1711004711")
	require.Contains(t, sent, "the ledger of … is not balanced")
	require.Contains(t, sent, "read the ledger of …")
	require.Contains(t, sent, "GET /ledgers/{name}")
}

// TestSafeLeaves: what the application says is nobody's data.
func TestSafeLeaves(t *testing.T) {
	server := sentrytest.NewServer(t)
	channel := data("avtugyl")
	initialise(t, server, sentry.WithOwnWords(), sentry.WithTags(map[string]string{"channel": channel}), sentry.WithRelease(data("ncc")+"@4711"))
	hub := sentrygo.CurrentHub().Clone()
	type state struct{ Edition, Owner any }
	hub.Scope().SetContext("update", sentrygo.Context{
		"edition": sentry.Safe(data("cebsrffvbany")),
		"state":   state{sentry.Safe(data("rqhpngvba")), data("tenpr")},
	})
	hub.CaptureMessage("updated")
	e := server.Wait(1)[0]
	require.Equal(t, channel, e.Tags["channel"])
	require.Equal(t, data("ncc")+"@4711", e.Release)
	require.Equal(t, data("cebsrffvbany"), e.Contexts["update"]["edition"])
	require.Equal(t, map[string]any{"Edition": data("rqhpngvba"), "Owner": "…"}, e.Contexts["update"]["state"])
	require.Equal(t, "updated", e.Message)
}
