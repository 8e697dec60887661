package testprogram

import (
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Copy copies an executable to a new file, which can be run at once.
//
// It is tempting to call os.WriteFile alone. Meanwhile another goroutine may start
// a process. Until that process comes to its exec, it has a copy of the open
// descriptor, and as long as anybody has the file open for writing, the kernel
// runs it for nobody: "text file busy" (go.dev/issue/22315). Whoever starts a
// process holds syscall.ForkLock for writing, so nobody does while it is held for
// reading.
func Copy(t testing.TB, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, writeExecutable(to, content))
}

func writeExecutable(name string, content []byte) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(name, content, 0o700)
}
