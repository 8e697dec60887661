//go:build unix

package sentrytest

import (
	"net"
	"os"
	"syscall"
)

// A place keeps the port of a server that is down. Otherwise the system would give it to anybody, and to the clients of this
// process too.
type place struct{ fd int }

// keepPlace binds addr and does not listen there, so that connections are refused. It returns nil if it can not.
func keepPlace(addr string) *place {
	tcp, err := net.ResolveTCPAddr("tcp4", addr)
	if err != nil {
		return nil
	}
	syscall.ForkLock.RLock() // no child inherits it
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil
	}
	p := &place{fd}
	_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1) // connections of before still close there
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: tcp.Port, Addr: [4]byte(tcp.IP.To4())}); err != nil {
		p.leave()
		return nil
	}
	return p
}

func (p *place) leave() {
	if p != nil {
		_ = syscall.Close(p.fd)
	}
}

// listen listens at addr, and ends p.
func (p *place) listen(addr string) (net.Listener, error) {
	if p == nil {
		return net.Listen("tcp", addr)
	}
	file := os.NewFile(uintptr(p.fd), addr)
	defer file.Close() // the listener has a copy
	if err := syscall.Listen(p.fd, syscall.SOMAXCONN); err != nil {
		return nil, os.NewSyscallError("listen", err)
	}
	return net.FileListener(file)
}
