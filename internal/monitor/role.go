package monitor

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/panicreport/sentry/internal/contain"
)

// A Role is the purpose of a process.
type Role string

const (
	// Program is any process that has none of the other roles.
	Program Role = ""

	// Launcher starts the monitor and ends, so that the program does not have a
	// child for which it must wait.
	Launcher Role = "launcher"

	// Monitor watches the program.
	Monitor Role = "monitor"

	// Supervised is the program with a supervisor, its parent, that watches it.
	Supervised Role = "supervised"

	// Unsupervised is the program in a process that a supervised program has
	// started, or has become by exec. It gets no supervisor: under one, it would
	// start or become another process in the same way, and so on without end.
	Unsupervised Role = "unsupervised"

	// Stray is a process that a launcher or monitor has started, or has become by
	// exec, before it reached Init. Programs do so, to become a daemon for
	// example. A stray must end, because the program runs already.
	Stray Role = "stray"
)

// variable tells a process its role. Before it reaches Init, a process sets it
// for the processes that it starts, which find their role there; see [mark] and
// [leave].
const variable = "PANICREPORT_MONITOR"

// mark returns the variable for a process with a role:
//
//	role descriptor-of-its-pipe identity-of-the-pipe number-of-its-parent executable
//
// A process has the role if it has the pipe. It does not compare the executable,
// which may have been renamed since, except where a pipe has no identity.
func mark(role Role, fd int, pipe *os.File, exe string) (string, error) {
	id, err := identity(pipe)
	return fmt.Sprintf("%s=%s %d %s %d %s", variable, role, fd, id, os.Getpid(), exe), err
}

// leave sets the variable for the processes that a process with a role starts:
//
//	role below number-of-its-parent time executable
func leave(role Role, parent int, since int64, exe string) {
	_ = os.Setenv(variable, fmt.Sprintf("%s below %d %d %s", role, parent, since, exe))
}

// strayWait is how long after the start of a launcher or monitor the processes
// below it are strays. A process that inherits the variable and lives longer may
// start the program for reasons of its own.
const strayWait = 2 * arrivalWait

// A process is what whoami finds out about this process.
type process struct {
	role   Role
	fd     int    // its pipe
	parent int    // the number of its parent
	exe    string // the executable of the program
}

// own is this process. It is a variable of the package so that whoami runs before
// most other packages can start a process.
var own = whoami()

// args are the arguments at the start. Programs may change os.Args later.
var args = slices.Clone(os.Args)

// OwnRole returns the role of this process.
func OwnRole() Role { return own.role }

// arrivalWait is how long a launcher or monitor may take to reach Init. One
// that takes longer runs the program a second time, perhaps because the program
// calls Init only under a condition that does not hold there.
const arrivalWait = time.Minute

// arrival ends a launcher or monitor after arrivalWait, unless Init stops it.
var arrival *time.Timer

func giveUp() {
	defer contain.Panic()
	os.Exit(1)
}

// Arrived tells package monitor that this process has reached Init. The first
// Init of a process calls it; in a launcher or monitor, Init does not return.
func Arrived() {
	if arrival != nil {
		arrival.Stop()
	}
	switch own.role {
	case Supervised:
		// A process that replaces this one by exec has the same parent, and is
		// unsupervised. A process that this one starts has another parent, and no
		// role.
		leave("after", own.parent, time.Now().Unix(), own.exe)
	case Unsupervised:
		_ = os.Unsetenv(variable)
		if own.parent == os.Getppid() {
			leave("after", own.parent, time.Now().Unix(), own.exe)
		}
	}
}

// StopStray ends a stray. If it has replaced a launcher by exec, there will be no
// monitor, and the exit status tells the program so. Otherwise it is a helper
// whose parent may wait for it, and it ends without an error.
func StopStray() {
	if own.parent == os.Getppid() {
		os.Exit(1)
	}
	os.Exit(0)
}

// adopt changes the variables in which systemd names a process by its number.
// systemd has started the supervisor, and has put its number, parent, there. But
// the variables are meant for the program, which is this process.
func adopt(parent string) {
	_ = os.Unsetenv("LISTEN_PIDFDID")
	for _, name := range []string{"LISTEN_PID", "WATCHDOG_PID"} {
		if os.Getenv(name) == parent {
			_ = os.Setenv(name, strconv.Itoa(os.Getpid()))
		}
	}
}

// whoami finds the role of this process in the variable.
func whoami() process {
	text, ok := os.LookupEnv(variable)
	if !ok || isPrivileged() {
		return process{}
	}
	_ = os.Unsetenv(variable)
	fields := strings.SplitN(text, " ", 5)
	if len(fields) != 5 {
		return process{}
	}
	now := time.Now().Unix()
	if fields[1] == "below" {
		since, _ := strconv.ParseInt(fields[3], 10, 64)
		return descendant(Role(fields[0]), fields[2], since, fields[4])
	}
	me := process{role: Role(fields[0]), exe: fields[4]}
	fd, err := strconv.Atoi(fields[1])
	ours := err == nil && isPipe(fd, fields[2], me.exe)
	me.parent, _ = strconv.Atoi(fields[3])
	switch {
	case me.role == Supervised && !(ours && me.parent == os.Getppid()):
		return descendant(me.role, fields[3], now, me.exe)
	case me.role == Supervised:
		closeOnExec(fd)
		adopt(fields[3])
		me.fd = fd
	case !ours:
		return descendant(me.role, fields[3], now, me.exe)
	default:
		me.fd = moveFromStdin(fd)
		arrival = time.AfterFunc(arrivalWait, giveUp)
	}
	leave(me.role, me.parent, now, me.exe)
	if len(os.Args) > 0 {
		rename(os.Args[0])
	}
	return me
}

// descendant is whoami for a process that was started by a process with a role, or
// that such a process has become by exec. If it runs another executable, it has no
// role.
func descendant(role Role, parent string, since int64, exe string) process {
	me := process{exe: exe}
	me.parent, _ = strconv.Atoi(parent)
	path, err := os.Executable()
	switch {
	case err != nil || path != exe:
	case role == Launcher || role == Monitor:
		if time.Since(time.Unix(since, 0)).Abs() < strayWait {
			me.role = Stray
		}
	case role == Supervised || me.parent == os.Getppid():
		me.role = Unsupervised
	}
	if me.role != Program {
		leave(role, me.parent, since, exe)
	}
	return me
}

// pipe returns the pipe of a launcher, monitor or supervised program.
func (me process) pipe() *os.File { return os.NewFile(uintptr(me.fd), "monitor") }

// Pipe returns the pipe that a monitor reads.
func Pipe() *os.File { return own.pipe() }

// A Peer is another process of this machine, which its number alone does not tell: it
// is given to others in time. Zero is none.
type Peer struct {
	PID  int    `json:"pid"`
	Born string `json:"born"`
}

// Parent is the parent of this process, zero where that can not be known.
func Parent() Peer {
	pid := os.Getppid()
	if born := birth(pid); born != "" {
		return Peer{pid, born}
	}
	return Peer{}
}

// Lives tells whether the process has not ended, as far as it is on this machine, and
// this process sees it.
func (p Peer) Lives() bool { return p.Born != "" && birth(p.PID) == p.Born }
