package main

import (
	"context"

	sentrygo "github.com/getsentry/sentry-go"
	middleware "github.com/grpc-ecosystem/go-grpc-middleware/v2"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/recovery"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/panicreport/sentry"
)

// interceptors are in the order in which they are called. The scope comes before the
// recovery, which otherwise would have no hub to report with. Interceptors that come
// after the recovery are guarded by it, too.
func interceptors() []grpc.ServerOption {
	report := recovery.WithRecoveryHandlerContext(func(ctx context.Context, value any) error {
		sentry.RecoverErrorWithContext(ctx, value)
		return status.Error(codes.Internal, "internal error") // the text of the panic stays here
	})
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(unaryScope, recovery.UnaryServerInterceptor(report)),
		grpc.ChainStreamInterceptor(streamScope, recovery.StreamServerInterceptor(report)),
	}
}

func unaryScope(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	return handler(withScope(ctx, info.FullMethod), request)
}

func streamScope(service any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	wrapped := middleware.WrapServerStream(stream)
	wrapped.WrappedContext = withScope(stream.Context(), info.FullMethod)
	return handler(service, wrapped)
}

// withScope returns a context with a hub of its own, which says whose call it is.
func withScope(ctx context.Context, method string) context.Context {
	hub := sentrygo.CurrentHub().Clone()
	hub.Scope().SetTag("grpc.method", method)
	for key, tag := range map[string]string{"x-request-id": "request_id", "x-tenant-id": "tenant_id"} {
		if values := metadata.ValueFromIncomingContext(ctx, key); len(values) > 0 {
			hub.Scope().SetTag(tag, values[0])
		}
	}
	return sentrygo.SetHubOnContext(ctx, hub)
}
