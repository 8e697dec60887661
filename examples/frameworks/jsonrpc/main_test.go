package main

import (
	"net/http/httptest"
	"testing"

	"github.com/ethereum/go-ethereum/rpc"
	"github.com/stretchr/testify/require"

	"github.com/panicreport/sentry/sentrytest"
)

func TestJSONRPC(t *testing.T) {
	server := sentrytest.Init(t)
	listener := httptest.NewServer(handler())
	defer listener.Close()
	client, err := rpc.DialContext(t.Context(), listener.URL)
	require.NoError(t, err)
	defer client.Close()

	var balance int
	err = client.CallContext(t.Context(), &balance, "wallet_balance", "0x17")

	require.EqualError(t, err, "method handler crashed")
	require.Len(t, server.Wait(1), 1)
	event := server.Events()[0]
	require.Equal(t, "runtime error: invalid memory address or nil pointer dereference", event.Title())
	require.Equal(t, "(*Wallet).Balance", event.Top().Function)
	require.Equal(t, "wallet_balance", event.Tags["rpc.method"])
	require.Equal(t, listener.URL+"/", event.Request.URL)
}
