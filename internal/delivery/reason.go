package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
)

// The fates of reports that are no answers of the server.
var (
	errWithdrawn = errors.New("consent was withdrawn")
	errClosed    = errors.New("reporting was closed before it was sent")
	errNoAnswer  = errors.New("the server has not answered")
)

// reasonOf says in words why there was no answer, and names no address: that of a
// Sentry server is a part of the DSN, and package net puts it into its errors.
//
//	Post "https://o1.ingest.example/…": dial tcp 192.0.2.1:443: connect: connection refused
//	→ connect: connection refused
func reasonOf(err error) error {
	var (
		dns       *net.DNSError
		system    *os.SyscallError
		host      x509.HostnameError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		alert     tls.AlertError
		record    tls.RecordHeaderError
		timeout   interface{ Timeout() bool }
	)
	switch {
	case errors.Is(err, context.Canceled):
		return errNoAnswer
	case errors.As(err, &dns):
		if dns.IsNotFound {
			return errors.New("lookup: no such host")
		}
		return errors.New("lookup: the name server gave no answer")
	case errors.As(err, &system):
		return fmt.Errorf("%s: %w", system.Syscall, system.Err)
	case errors.As(err, &host):
		return errors.New("tls: the certificate is of another server")
	case errors.As(err, &authority):
		return errors.New("tls: the certificate is signed by an unknown authority")
	case errors.As(err, &invalid):
		return errors.New("tls: the certificate is not valid, or not yet or no longer")
	case errors.As(err, &alert):
		return fmt.Errorf("tls: the server refused the connection: %w", alert)
	case errors.As(err, &record):
		return errors.New("tls: the server does not speak it")
	case errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("no answer within %s", requestTimeout)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), strings.HasSuffix(err.Error(), "server closed idle connection"):
		return errors.New("the server closed the connection")
	default:
		return fmt.Errorf("the request failed (%T)", innermost(err))
	}
}

// innermost is the error that the others wrap.
func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return err
}
