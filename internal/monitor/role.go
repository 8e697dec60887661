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

// A Role is what a process is here for.
type Role string

const (
	Program  Role = ""         // everything else
	Launcher Role = "launcher" // starts the monitor, so that nobody has to wait for it
	Monitor  Role = "monitor"

	// Supervised is the program, with a parent that watches over it.
	Supervised Role = "supervised"

	// Unsupervised is the program in a process that a supervised one has started
	// or become: another supervisor for it would have that do the same again.
	Unsupervised Role = "unsupervised"

	// Stray is what a launcher or monitor has started or become before it came to
	// Init: the program does so, and is there already.
	Stray Role = "stray"
)

// variable tells a process of its role. While that is on its way to Init, what
// it starts finds there what it is itself; see [mark] and [leave].
const variable = "PANICREPORT_MONITOR"

// mark is the variable for a process with a role:
//
//	role descriptor-of-its-pipe identity-of-the-pipe number-of-its-parent executable
//
// Its pipe makes a process one of ours, and not its executable, which may have
// been renamed since.
func mark(role Role, fd int, pipe *os.File, exe string) (string, error) {
	id, err := identity(pipe)
	return fmt.Sprintf("%s=%s %d %s %d %s", variable, role, fd, id, os.Getpid(), exe), err
}

// leave is the variable for what a process with a role starts:
//
//	role below number-of-its-supervisor time executable
func leave(role Role, parent int, since int64, exe string) {
	_ = os.Setenv(variable, fmt.Sprintf("%s below %d %d %s", role, parent, since, exe))
}

// strayWait is how long what a launcher has started is taken to belong to it: one
// that is at work for longer may start the program for its own ends.
const strayWait = 2 * arrivalWait

// A self is what a process knows of itself.
type self struct {
	role   Role
	fd     int // of its pipe
	parent int
	exe    string
}

// own is that of this process. It is found before most other packages can start
// a process.
var own = whoami()

// args are those of the start: programs take theirs out of os.Args.
var args = slices.Clone(os.Args)

// OwnRole is the role of this process.
func OwnRole() Role { return own.role }

// arrivalWait is how long a launcher or monitor may take to come to Init: longer,
// it runs the program a second time, without the condition for Init perhaps.
const arrivalWait = time.Minute

// arrival is stopped by Init, in a launcher or monitor.
var arrival *time.Timer

func giveUp() {
	defer contain.Panic()
	os.Exit(1)
}

// Arrived is called by the first Init of a process, which is the last in a
// launcher or monitor.
func Arrived() {
	if arrival != nil {
		arrival.Stop()
	}
	switch own.role {
	case Supervised:
		// A process that takes the place of this one has the same parent. What
		// this one starts has another, and is nobody's.
		leave("after", own.parent, time.Now().Unix(), own.exe)
	case Unsupervised:
		_ = os.Unsetenv(variable)
		if own.parent == os.Getppid() {
			leave("after", own.parent, time.Now().Unix(), own.exe)
		}
	}
}

// StopStray ends a stray. If it has taken the place of a launcher, there will be no
// monitor; otherwise it is a helper, for which that may wait.
func StopStray() {
	if own.parent == os.Getppid() {
		os.Exit(1)
	}
	os.Exit(0)
}

// adopt makes the program what systemd takes its supervisor for.
func adopt(parent string) {
	_ = os.Unsetenv("LISTEN_PIDFDID")
	for _, name := range []string{"LISTEN_PID", "WATCHDOG_PID"} {
		if os.Getenv(name) == parent {
			_ = os.Setenv(name, strconv.Itoa(os.Getpid()))
		}
	}
}

func whoami() self {
	text, ok := os.LookupEnv(variable)
	if !ok || isPrivileged() {
		return self{}
	}
	_ = os.Unsetenv(variable)
	fields := strings.SplitN(text, " ", 5)
	if len(fields) != 5 {
		return self{}
	}
	now := time.Now().Unix()
	if fields[1] == "below" {
		since, _ := strconv.ParseInt(fields[3], 10, 64)
		return descendant(Role(fields[0]), fields[2], since, fields[4])
	}
	me := self{role: Role(fields[0]), exe: fields[4]}
	fd, err := strconv.Atoi(fields[1])
	ours := err == nil && isPipe(fd, fields[2], me.exe)
	me.parent, _ = strconv.Atoi(fields[3])
	switch {
	case me.role == Supervised && !(ours && me.parent == os.Getppid()):
		return descendant(me.role, fields[3], now, me.exe)
	case me.role == Supervised:
		private(fd)
		adopt(fields[3])
		me.fd = fd
	case !ours:
		return descendant(me.role, fields[3], now, me.exe)
	default:
		me.fd = keepStdin(fd)
		arrival = time.AfterFunc(arrivalWait, giveUp)
	}
	leave(me.role, me.parent, now, me.exe)
	if len(os.Args) > 0 {
		rename(os.Args[0])
	}
	return me
}

// descendant is what a process with a role has started, or become by exec. A
// program of another kind is nobody's.
func descendant(role Role, parent string, since int64, exe string) self {
	me := self{exe: exe}
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

// pipe is that of a launcher, monitor or supervised program.
func (me self) pipe() *os.File { return os.NewFile(uintptr(me.fd), "monitor") }

// Pipe is what a monitor reads.
func Pipe() *os.File { return own.pipe() }
