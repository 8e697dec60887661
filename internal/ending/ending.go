// Package ending tells what the end of a process means: whether it is the program's
// own fault, which is a report, or somebody's wish, and as what the run counts in the
// health of its release. It has one table, [Facts.Verdict], and knows neither how the
// facts were found nor what a report looks like.
package ending

import "strconv"

// A Status is how a run counts, in the words of Sentry's sessions.
// https://develop.sentry.dev/sdk/telemetry/sessions/
type Status string

const (
	Ok       Status = "ok"       // it has not ended
	Exited   Status = "exited"   // it ended as it, or somebody, wanted
	Crashed  Status = "crashed"  // it died of its own fault
	Abnormal Status = "abnormal" // it ended without a word, and nobody knows why
)

// A Signal is one that ends a process of its own fault, or is somebody's wish. Their
// numbers differ between systems, their names do not.
type Signal string

// Facts are what is known of the end of a run.
type Facts struct {
	// Closed: the run had said that it ends well.
	Closed bool

	// CrashText: the Go runtime has written why it ended the process.
	CrashText bool

	// OutOfMemory: the kernel has killed it for its memory.
	OutOfMemory bool

	// CPUSpent: it has used up all the processor time that it was allowed.
	CPUSpent bool

	// Waited: a supervisor has waited for it. Without, Signal and Exit are not known.
	Waited bool

	// Signal has ended it; empty for none.
	Signal Signal

	// Exit is its exit status, if no signal has ended it.
	Exit int

	// WantsExits: an exit status that is not 0, without Closed, is a fault.
	WantsExits bool
}

// A Verdict is what Facts mean.
type Verdict struct {
	// Title is that of the report; empty for no report, or if the crash text is one.
	Title string

	// Text is what the report says of the end, in a few words.
	Text string

	Status Status
}

// faults are the signals by which the kernel, or C code, ends a process for what that
// has done, and what they mean. Most of them come with a crash text, because the Go
// runtime handles them: without one, the handler was not reached, as in C code that
// has replaced it or has used up its stack, or under a filter that kills (seccomp).
var faults = map[Signal]string{
	"SIGSYS":  "bad system call: a filter does not allow it (seccomp)",
	"SIGXCPU": "the processor time is used up (RLIMIT_CPU)",
	"SIGXFSZ": "a file is larger than it may be (RLIMIT_FSIZE)",
	"SIGABRT": "abort: C code has ended the process",
	"SIGSEGV": "segmentation violation in C code",
	"SIGBUS":  "bus error in C code",
	"SIGFPE":  "arithmetic exception in C code",
	"SIGILL":  "illegal instruction in C code",
}

// wishes are the signals by which somebody asks a process to end, or its reader has
// gone away. That it does not handle them is the default of a Go program, and no
// fault.
var wishes = map[Signal]bool{"SIGTERM": true, "SIGINT": true, "SIGHUP": true, "SIGPIPE": true}

// Verdict is the table. The first row that fits counts:
//
//	how it ended                             report             status
//	a crash text                             that of the text   crashed
//	Close                                    -                  exited
//	evidence that it was memory              out of memory      crashed
//	SIGKILL, with its processor time spent   SIGXCPU            crashed
//	SIGSYS, SIGXCPU, SIGXFSZ, SIGABRT,
//	SIGSEGV, SIGBUS, SIGFPE, SIGILL          the signal         crashed
//	SIGTERM, SIGINT, SIGHUP, SIGPIPE         -                  exited
//	SIGKILL and other signals                -                  abnormal
//	exit status 0                            -                  exited
//	another exit status, if that is wanted   exit status n      crashed
//	another exit status                      -                  abnormal
//	nobody knows: SIGKILL, os.Exit, a power
//	cut, a reboot, a debugger, an upgrade    -                  abnormal
//
// SIGKILL alone is somebody's wish, or his mistake: who guesses that it was memory is
// wrong whenever a person, a debugger or a service manager has lost patience.
func (f Facts) Verdict() Verdict {
	fault, isFault := faults[f.Signal]
	switch {
	case f.CrashText:
		return Verdict{Status: Crashed}
	case f.Closed:
		return Verdict{Status: Exited}
	case f.OutOfMemory && (!f.Waited || f.Signal == "SIGKILL"):
		return Verdict{Title: OutOfMemory, Status: Crashed}
	case f.Signal == "SIGKILL" && f.CPUSpent:
		return Verdict{Title: "SIGXCPU", Text: faults["SIGXCPU"], Status: Crashed}
	case isFault:
		return Verdict{Title: string(f.Signal), Text: fault, Status: Crashed}
	case wishes[f.Signal]:
		return Verdict{Status: Exited}
	case f.Signal != "" || !f.Waited:
		return Verdict{Status: Abnormal}
	case f.Exit == 0:
		return Verdict{Status: Exited}
	case f.WantsExits:
		return Verdict{Title: "exit status " + strconv.Itoa(f.Exit), Status: Crashed}
	default:
		return Verdict{Status: Abnormal}
	}
}

// OutOfMemory is the title of a report of that.
const OutOfMemory = "out of memory"
