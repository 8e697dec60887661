// Command grpc is a server with gRPC: a panic in a method is reported, and the
// client gets the code Internal. The service is gRPC's own of health, which needs no
// generated code.
package main

import (
	"context"
	"log"
	"net"

	sentrygo "github.com/getsentry/sentry-go"
	"google.golang.org/grpc"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	listener, err := net.Listen("tcp", "127.0.0.1:8080")
	if err != nil {
		log.Print(err)
		return
	}
	if err := newServer().Serve(listener); err != nil {
		log.Print(err)
	}
}

func newServer() *grpc.Server {
	s := grpc.NewServer(interceptors()...)
	healthpb.RegisterHealthServer(s, &health{up: map[string]*bool{"shop": new(bool)}})
	return s
}

// health panics if it is asked for a service that it does not know.
type health struct {
	healthpb.UnimplementedHealthServer
	up map[string]*bool
}

func (h *health) Check(ctx context.Context, r *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	sentrygo.GetHubFromContext(ctx).Scope().SetTag("service", r.Service)
	return h.status(r.Service), nil
}

func (h *health) Watch(r *healthpb.HealthCheckRequest, stream healthpb.Health_WatchServer) error {
	return stream.Send(h.status(r.Service))
}

func (h *health) status(service string) *healthpb.HealthCheckResponse {
	if *h.up[service] {
		return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_SERVING}
	}
	return &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_NOT_SERVING}
}
