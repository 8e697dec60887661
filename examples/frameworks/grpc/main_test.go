package main

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/panicreport/sentry/sentrytest"
)

func dial(t *testing.T) healthpb.HealthClient {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	s := newServer()
	go func() { _ = s.Serve(listener) }()
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient("passthrough:server", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return healthpb.NewHealthClient(conn)
}

func TestGRPC(t *testing.T) {
	server := sentrytest.Init(t)
	client := dial(t)
	ctx := metadata.AppendToOutgoingContext(t.Context(), "x-request-id", "r-17", "x-tenant-id", "acme")
	request := &healthpb.HealthCheckRequest{Service: "bank"}

	_, err := client.Check(ctx, request)
	requireInternal(t, err)
	stream, err := client.Watch(ctx, request)
	require.NoError(t, err)
	_, err = stream.Recv()
	requireInternal(t, err)

	require.Len(t, server.Wait(2), 2)
	for i, method := range []string{"/grpc.health.v1.Health/Check", "/grpc.health.v1.Health/Watch"} {
		event := server.Events()[i]
		require.Equal(t, "runtime error: invalid memory address or nil pointer dereference", event.Title())
		require.Equal(t, "(*health).status", event.Top().Function)
		require.Equal(t, method, event.Tags["grpc.method"])
		require.Equal(t, "r-17", event.Tags["request_id"])
		require.Equal(t, "acme", event.Tags["tenant_id"])
	}
	require.Equal(t, "bank", server.Events()[0].Tags["service"])

	answer, err := client.Check(ctx, &healthpb.HealthCheckRequest{Service: "shop"})
	require.NoError(t, err, "the server lives on")
	require.Equal(t, healthpb.HealthCheckResponse_NOT_SERVING, answer.Status)
}

func requireInternal(t *testing.T, err error) {
	t.Helper()
	require.Equal(t, codes.Internal, status.Code(err))
	require.Equal(t, "internal error", status.Convert(err).Message())
}
