package sentry_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry"
	"github.com/panicreport/sentry/sentrytest"
)

type box[T any] struct{ V T }

// wrongVerb is one that go vet can not see.
var wrongVerb = "%d is closed"

type failingStringer struct{}

func (failingStringer) String() string { panic(data("uhagre")) }

// recovered is what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// TestOwnWordsUnderAttack: data that are glued to the author's words, look like them,
// or come where names, types and keys do.
func TestOwnWordsUnderAttack(t *testing.T) {
	server := sentrytest.NewServer(t)
	initialise(t, server, sentry.WithOwnWords())
	grace, hopper, hunter := data("tenpr"), data("Ubccre"), data("uhagre")
	number, err := strconv.Atoi("17110" + "04711")
	require.NoError(t, err)
	big := fmt.Sprint(number)
	type row struct{ Name, City string }
	for n, c := range []struct {
		value any
		want  string // is part of what arrives
	}{
		{fmt.Errorf("ledger%sis closed", hopper), ""},
		{fmt.Errorf("key=%s;value=%s;", grace, hunter), "key=…;value=…;"},
		{fmt.Errorf("connection refused%s", hunter), ""},
		{fmt.Errorf("%sconnection refused", hunter), ""},
		{fmt.Errorf("ledger/%s/balance", hopper), ""},
		{fmt.Errorf("ledger.%s.balance is wrong", hopper), ""},
		{fmt.Errorf("ü%sü is bad", hopper), ""},
		{fmt.Errorf("ledger %d is closed", number), "ledger … is closed"},
		{fmt.Errorf("index out of range [5] with length %s", hunter), "index out of range [5] with length …"},
		{fmt.Errorf("runtime error: %s", hopper), "runtime error: …"},
		{fmt.Errorf("exit status %s", hopper), "exit status …"},
		{fmt.Errorf("goroutine 5 [%s]:\nmain.%s()", grace, hopper), ""},
		{fmt.Errorf("bad type %T", box[account]{}), "bad type sentry_test.box[github.com/panicreport/sentry_test.account]"},
		{fmt.Errorf("interface conversion: interface {} is %s.%s, not int", grace, hopper), "interface conversion: interface {} is …, not int"},
		{fmt.Errorf("json: cannot unmarshal string into Go struct field %s.%s of type int", grace, hopper), "of type int"},
		{fmt.Errorf("reflect: call of reflect.Value.%s on zero Value", hopper), "on zero Value"},
		{fmt.Errorf("bad ledger %v", map[string]int{grace: 5, hopper: 7}), "bad ledger map[…]"},
		{fmt.Errorf("bad ledger %+v", row{grace, hopper}), "bad ledger {…}"},
		{fmt.Errorf("bad ledger %#v", row{grace, hopper}), "bad ledger"},
		{fmt.Errorf("bad ledgers %q", []string{grace, hopper}), "bad ledgers ["},
		{fmt.Errorf("bad ledger %v", []byte(big)), "bad ledger […]"},
		{fmt.Errorf("bad ledger %x", big), "bad ledger …"},
		{errors.Join(errors.New(hopper), fmt.Errorf("ledger %s is closed", grace), os.ErrPermission), "permission denied"},
		{&os.PathError{Op: grace, Path: hopper, Err: errors.New(hunter)}, ""},
		{&net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: hopper}}, "no such host"},
		{&url.Error{Op: "Get", URL: "https://" + hopper + "/" + grace, Err: context.DeadlineExceeded}, "context deadline exceeded"},
		{fmt.Errorf("ledger %s is closed", failingStringer{}), ""},
		{fmt.Errorf("ledger %s", fmt.Sprintf(wrongVerb, hopper)), ""},
		{fmt.Errorf("open %s: Zugriff verweigert", hopper), "open …: Zugriff verweigert"},
		{fmt.Errorf("ledger %s is closed", "\u200b"+hopper[:3]+"\u200b"+hopper), "is closed"},
		{fmt.Errorf("ledger %s is closed", strings.Repeat(hopper+" ", 500)), "is closed"},
		{strings.Join([]string{grace, hopper, hunter}, "\x00"), ""},
		{recovered(func() { reflect.ValueOf(struct{ a int }{}).FieldByName(hopper).Int() }), "reflect: call of reflect.Value.Int on zero Value"},
		{recovered(func() { regexp.MustCompile("(" + hopper) }), "missing closing )"},
		{recovered(func() { _ = any(box[account]{}).(fmt.Stringer) }), "interface conversion: sentry_test.box["},
		{recovered(func() { map[any]int{}[any([]string{hopper})] = 1 }), "hash of unhashable type []string"},
		{recovered(func() { _ = []int{}[number%100000] }), "index out of range [4711] with length 0"},
	} {
		survive(c.value)
		e := server.Events()[n]
		requireNothingOf(t, person, e)
		require.NotContains(t, strings.ToLower(string(e.Raw)), strings.ToLower(hopper), "%v", c.value)
		shown := ""
		for _, x := range e.Exceptions {
			shown += x.Value + "\n"
		}
		require.Contains(t, shown, c.want)
	}
}
