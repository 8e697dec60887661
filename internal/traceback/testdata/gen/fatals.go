package main

import (
	"maps"
	"math"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
	"unsafe"
)

func init() {
	kinds["map-writes"] = func() { mapWrites() }
	kinds["map-writes-int"] = func() { race(map[int]int{}, mapWriteInt, mapWriteInt) }
	kinds["map-writes-struct"] = func() { race(map[point]int{}, mapWriteStruct, mapWriteStruct) }
	kinds["map-delete"] = func() { race(map[int]int{}, mapWriteInt, mapDelete) }
	kinds["map-clear"] = func() { race(map[int]int{}, mapWriteInt, mapClear) }
	kinds["map-read"] = func() { race(map[string]int{}, mapWrite, mapRead) }
	kinds["map-read-int"] = func() { race(map[int]int{}, mapWriteInt, mapReadInt) }
	kinds["map-read-struct"] = func() { race(map[point]int{}, mapWriteStruct, mapReadStruct) }
	kinds["map-iterate"] = func() { race(map[string]int{}, mapWrite, mapIterate) }
	kinds["map-clone"] = func() { race(map[string]int{}, mapWrite, mapClone) }
	kinds["unlock-mutex"] = func() { unlockMutex() }
	kinds["unlock-rwmutex"] = func() { unlockRWMutex() }
	kinds["runlock-rwmutex"] = func() { runlockRWMutex() }
	kinds["fatal-in-defer"] = func() { fatalInDefer() }
	kinds["fatal-in-defer-repanicked"] = func() { fatalInDeferRepanicked() }
	kinds["go-nil-func"] = func() { goNilFunc() }
	kinds["stack-overflow"] = func() { overflow(1) }
	kinds["stack-overflow-goroutine"] = func() { go overflow(1); select {} }
	kinds["out-of-memory"] = func() { outOfMemory() }
	kinds["out-of-memory-small"] = func() { outOfMemorySmall() }
	kinds["thread-exhaustion"] = func() { threadExhaustion() }
	kinds["bad-pointer"] = func() { badPointer() }
	kinds["fault-address"] = func() { faultAddress() }
	kinds["fault-address-in-defer"] = func() { defer faultAddress(); panicString() }
	kinds["fault-bus"] = func() { faultBus() }
	kinds["fault-as-panic"] = func() { debug.SetPanicOnFault(true); faultAddress() }
	kinds["signal-quit"] = func() { kill(syscall.SIGQUIT) }
	kinds["signal-quit-idle"] = func() { quitIdle() }
	kinds["signal-quit-busy"] = func() { go spin(); time.Sleep(50 * time.Millisecond); kill(syscall.SIGQUIT) }
	kinds["signal-abort"] = func() { kill(syscall.SIGABRT) }
	kinds["signal-segv"] = func() { kill(syscall.SIGSEGV) }
	kinds["signal-trap"] = func() { kill(syscall.SIGTRAP) }
	kinds["signal-sys"] = func() { kill(syscall.SIGSYS) }
	kinds["deadlock-channel"] = func() { deadlock() }
	kinds["deadlock-mutex"] = func() { var mu sync.Mutex; mu.Lock(); mu.Lock() }
	kinds["deadlock-select"] = func() { select {} }
	kinds["deadlock-waitgroup"] = func() { var wg sync.WaitGroup; wg.Add(1); go deadlock(); wg.Wait() }
	kinds["deadlock-goexit"] = func() { runtime.Goexit() }
	kinds["deadlock-goexit-blocked"] = func() { go deadlock(); runtime.Gosched(); runtime.Goexit() }
	kinds["exit"] = func() { os.Exit(0) }
}

//go:noinline
func mapWrites() { race(map[string]int{}, mapWrite, mapWrite) }

// race runs both functions on m until the runtime notices.
func race[M any](m M, a, b func(M)) {
	go func() {
		for {
			a(m)
		}
	}()
	for {
		b(m)
	}
}

var keys = []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"}

//go:noinline
func mapWrite(m map[string]int) {
	for i, k := range keys {
		m[k] = i
	}
}

//go:noinline
func mapRead(m map[string]int) {
	for _, k := range keys {
		zero += m[k]
	}
}

//go:noinline
func mapIterate(m map[string]int) {
	for range m {
	}
}

//go:noinline
func mapClone(m map[string]int) { sink = maps.Clone(m) }

//go:noinline
func mapWriteInt(m map[int]int) {
	for i := range 100 {
		m[i] = i
	}
}

//go:noinline
func mapReadInt(m map[int]int) {
	for i := range 100 {
		zero += m[i]
	}
}

//go:noinline
func mapDelete(m map[int]int) {
	for i := range 100 {
		delete(m, i)
	}
}

//go:noinline
func mapClear(m map[int]int) { clear(m) }

//go:noinline
func mapWriteStruct(m map[point]int) {
	for i := range 100 {
		m[point{i, i}] = i
	}
}

//go:noinline
func mapReadStruct(m map[point]int) {
	for i := range 100 {
		zero += m[point{i, i}]
	}
}

//go:noinline
func unlockMutex() {
	var mu sync.Mutex
	mu.Unlock()
}

//go:noinline
func unlockRWMutex() {
	var mu sync.RWMutex
	mu.Unlock()
}

//go:noinline
func runlockRWMutex() {
	var mu sync.RWMutex
	mu.RUnlock()
}

//go:noinline
func fatalInDefer() {
	defer unlockMutex()
	panicString()
}

//go:noinline
func fatalInDeferRepanicked() {
	defer unlockMutex()
	repanicSame()
}

//go:noinline
func goNilFunc() { go nilFunc() }

//go:noinline
func overflow(n int) int {
	if n == 0 {
		return 0
	}
	return overflow(n+1) + 1
}

// limitMemory makes the kernel refuse address space beyond what the process
// has now and more bytes.
func limitMemory(more uint64) {
	debug.SetGCPercent(-1)
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		panic(err)
	}
	var pages uint64
	for _, c := range data {
		if c == ' ' {
			break
		}
		pages = pages*10 + uint64(c-'0')
	}
	limit := pages*uint64(os.Getpagesize()) + more
	if err := syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
		panic(err)
	}
}

//go:noinline
func outOfMemory() {
	limitMemory(64 << 20)
	size := uint64(1) << 34
	if math.MaxInt < 1<<34 {
		size = 1 << 30
	}
	sink = make([]byte, size)
}

// outOfMemorySmall allocates small pieces until there is no memory left.
//
//go:noinline
func outOfMemorySmall() {
	limitMemory(64 << 20)
	var keep [][]byte
	for {
		keep = append(keep, make([]byte, 512))
		sink = keep
	}
}

//go:noinline
func threadExhaustion() {
	debug.SetMaxThreads(8)
	for range 16 {
		go func() {
			runtime.LockOSThread()
			var fds [2]int
			_ = syscall.Pipe(fds[:])
			_, _ = syscall.Read(fds[0], make([]byte, 1))
		}()
	}
	select {}
}

// badPointer keeps pointers into freed spans until the garbage collector sees one.
//
//go:noinline
func badPointer() {
	for {
		held := make([]*[1 << 16]byte, 0, 64)
		bad := make([]unsafe.Pointer, 64)
		addrs := make([]uintptr, 0, 64)
		for range 64 {
			p := new([1 << 16]byte)
			held = append(held, p)
			addrs = append(addrs, uintptr(unsafe.Pointer(p)))
		}
		runtime.KeepAlive(held)
		held = nil
		runtime.GC()
		runtime.GC()
		for i, a := range addrs {
			*(*uintptr)(unsafe.Pointer(&bad[i])) = a + 8
		}
		sink = bad
		runtime.GC()
	}
}

//go:noinline
func faultAddress() { *(*int)(unsafe.Pointer(uintptr(0xdead0000))) = 1 }

// faultBus reads a page of a mapped file after the file was truncated.
//
//go:noinline
func faultBus() {
	f, err := os.CreateTemp("", "gen")
	if err != nil {
		panic(err)
	}
	_ = os.Remove(f.Name())
	_ = f.Truncate(int64(os.Getpagesize()))
	page, err := syscall.Mmap(int(f.Fd()), 0, os.Getpagesize(), syscall.PROT_READ, syscall.MAP_SHARED)
	if err != nil {
		panic(err)
	}
	_ = f.Truncate(0)
	zero = int(page[0])
}

//go:noinline
func spin() {
	for {
		zero++
	}
}

//go:noinline
func kill(sig syscall.Signal) {
	signal.Reset()
	if err := syscall.Kill(syscall.Getpid(), sig); err != nil {
		panic(err)
	}
	select {
	case <-time.After(time.Minute):
	}
}

// quitIdle lets another process send SIGQUIT while every goroutine waits.
//
//go:noinline
func quitIdle() {
	p, err := os.StartProcess("/bin/sh", []string{"sh", "-c", "sleep 0.1; kill -QUIT $PPID"}, &os.ProcAttr{})
	if err != nil {
		panic(err)
	}
	_ = p
	time.Sleep(time.Minute)
}

//go:noinline
func deadlock() { <-make(chan int) }
