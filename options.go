package sentry

import (
	"errors"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/lifetime"
	"github.com/panicreport/sentry/internal/limit"
	"github.com/panicreport/sentry/internal/reporter"
	"github.com/panicreport/sentry/internal/scrub/own"
	"github.com/panicreport/sentry/internal/settings"
)

// DefaultEnvVarDSN is the environment variable that [WithDefaultEnvironmentDSN]
// reads. Without that option the library never reads it: otherwise, whoever runs a
// program could turn its reporting on, and receive its reports.
const DefaultEnvVarDSN = "SENTRY_DSN"

// defaultFlushTimeout is long enough for a TLS handshake and one request over
// a slow mobile network, and short enough that the person who watches a program
// die does not take it for hanging.
const defaultFlushTimeout = 5 * time.Second

// An Option configures [Init]. Later options win over earlier ones.
type Option interface {
	apply(*config)
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// config is what the options say, before the environment of the run is asked.
type config struct {
	lifetime.Config
	guards []string
	inApp  []string
	errs   []error
}

// newConfig holds every default, then applies the options.
func newConfig(opts []Option) (*config, error) {
	c := &config{Config: lifetime.Config{
		Reporter: reporter.Config{
			DSN:            "", // silent
			ContextName:    DefaultContext(),
			ContextVersion: DefaultContextVersion(),
			Revision:       revisionOf(buildInfo()),
			Release:        "", // name@version of the context, see releaseOf
			Environment:    Environment(),
			Environments:   nil, // all
			Consent:        nil, // given
			RateLimit:      limit.Rate{},
			FlushTimeout:   defaultFlushTimeout,
			Logger:         nil, // nowhere
		},
		// Without a spool, and without a monitor.
	}}
	for _, opt := range opts {
		if opt != nil {
			opt.apply(c)
		}
	}
	if c.Reporter.SpoolEvents && !c.Reporter.HasSpool() {
		c.fail("WithSpooledEvents: there is no spool: add WithSpool")
	}
	if c.Reporter.ReleaseHealth && !c.Reporter.HasSpool() {
		c.fail("WithReleaseHealth: nobody would tell of a crash: add WithSpool")
	}
	if c.Reporter.Release == "" {
		c.Reporter.Release = releaseOf(c.Reporter.ContextName, c.Reporter.ContextVersion)
	}
	c.Reporter.Frames = newFrameRules(c.guards, c.inApp, sourcesOf(c.Reporter.Environment))
	return c, errors.Join(c.errs...)
}

func (c *config) fail(text string) {
	c.errs = append(c.errs, errors.New(text))
}

// WithDSN sets the Sentry project that receives the reports, for example
// "https://key@o1.ingest.sentry.io/2". An empty dsn switches reporting off.
// By default, there is none, and nothing is reported.
func WithDSN(dsn string) Option {
	return optionFunc(func(c *config) { c.Reporter.DSN = dsn })
}

// WithEnvironmentDSN takes the DSN from the environment variable name, at the
// time of [Init]. An unset or empty variable leaves the DSN of an earlier
// option in force. By default, no variable is read.
func WithEnvironmentDSN(name string) Option {
	return optionFunc(func(c *config) {
		if !settings.IsVariable(name) { // and it is not repeated: it may be a DSN
			c.fail("WithEnvironmentDSN: this is no name of a variable: want one such as APP_SENTRY_DSN")
		} else if dsn := os.Getenv(name); dsn != "" {
			c.Reporter.DSN = dsn
		}
	})
}

// WithDefaultEnvironmentDSN is WithEnvironmentDSN([DefaultEnvVarDSN]).
// By default, the variable is not read.
func WithDefaultEnvironmentDSN() Option {
	return WithEnvironmentDSN(DefaultEnvVarDSN)
}

// WithConsent calls given before every report is built and again before it is
// sent. While given returns false, nothing is built, stored or sent, and reports
// that wait or are stored are removed. [Flush], [Close] and [Init] ask too, so
// call one of them when the user withdraws consent. Call Init again when the user
// gives it: the crash output of [WithSpool] and [WithCrashMonitor] begins only with
// an Init that finds consent.
//
// The function is called from several goroutines, also in the middle of a panic:
// it should only read a flag. A panic in it counts as false. Init, Close and Flush do
// nothing when it calls them.
// By default, consent is taken as given.
func WithConsent(given func() bool) Option {
	return optionFunc(func(c *config) {
		if given == nil {
			c.fail("WithConsent: the function is nil: leave the option out if there is nobody to ask")
		}
		c.Reporter.Consent = given
	})
}

// WithoutMessages reports types and stacks only: the texts of panic values,
// and of the errors that they wrap, stay in the process. By default, texts are
// sent after scrubbing.
func WithoutMessages() Option {
	return optionFunc(func(c *config) { c.Reporter.WithoutMessages = true })
}

// WithOwnWords sends nothing but what the author of the program has written. A
// report is made of two things: texts of the program, which are in the executable,
// and data of the person who runs it, which are not. What of a text is not in the
// executable becomes …:
//
//	open /home/ada/wallet.db: permission denied   →   open …: permission denied
//	user "grace hopper" not found                 →   user "…" not found
//
// It is for programs that run on other people's machines: whatever form a name, a
// password or a path has, it stays there. It holds for all texts of a report: panic
// values, wrapped errors, breadcrumbs, names and values of tags and contexts, logs,
// spans, attachments, and the crashes that a monitor or the next start reports. The
// rules for secrets apply as well.
//
// What stays beside the words of the executable: texts of the operating system and
// of the Go runtime, names of types, functions and source files, numbers of up to
// three digits that stand alone, and what the application says is safe: [WithTags],
// [WithRelease], and values of the type [Safe]. What goes entirely: the user, the URL
// and the body of a request, and attachments that are no text. A short word that is
// the program's may go too where nothing shows whose it is.
//
// A word list in the executable is its author's as well: a single word of it may
// leave. The executable is read, in memory, for each report, and never before: about
// 2 ms for each MB of its read-only data. Where there is nothing to read (a packed
// executable; systems other than Linux, Android, Windows, macOS and iOS), and for the
// crash of another build of the program, texts have no other words than public ones.
// By default, all words are sent after scrubbing.
func WithOwnWords() Option {
	return optionFunc(func(c *config) { c.Reporter.KeepOwnWords(true) })
}

// Safe is a text that tells nothing of the person who runs the program, whatever it
// says. With [WithOwnWords], a value of this type leaves as it is, in the data of a
// breadcrumb, in a context, or in a field of a struct there:
//
//	scope.SetContext("update", sentry.Context{"channel": sentry.Safe(channel)})
//
// The rules for secrets still apply to it. Without that option, Safe has no effect.
type Safe = own.Safe

// WithUserNames sends the name and the username of the user that the program has put
// on a scope of sentry-go. It is for servers, whose operator knows the users anyway
// and looks for the reports of one of them. An e-mail address in such a name is
// still replaced, and the fields for the e-mail and IP address are still removed.
// By default, only the id of a user is sent.
func WithUserNames() Option {
	return optionFunc(func(c *config) { c.Reporter.UserNames = true })
}

// WithSensitiveKeys adds names whose values are removed wherever they stand in
// a report, in any case and spelling (seedPhrase, seed_phrase, Seed-Phrase).
// By default, they are password, secret, passwd, api_key, access_token, auth_token,
// credentials, mysql_pwd, stripetoken, card[number], authorization, cookie, session,
// private_key, and the like, see docs/privacy.md.
func WithSensitiveKeys(names ...string) Option {
	return optionFunc(func(c *config) {
		if slices.ContainsFunc(names, func(name string) bool { return !settings.IsName(name) }) {
			c.fail("WithSensitiveKeys: a name has no letter and no digit: it would be the name of nothing")
		}
		c.Reporter.SensitiveKeys = append(c.Reporter.SensitiveKeys, names...)
	})
}

// WithSpool keeps reports in the directory dir until the server has accepted
// them: they survive the end of the process, a kill, a full disk and a network
// that is down. At most 30 reports are kept, for at most 90 days; the oldest are
// dropped first. A report is tried until the server accepts it or refuses it (4xx).
// The next delivery tells the server how many reports were lost.
//
// The reports of an earlier run are sent after [Init], which does not wait for
// them. If that run crashed within 2 seconds of its start, Init waits for up to 5
// seconds, because this run may not live any longer. Init makes the directory
// where it is missing, readable for its owner only, and returns an error where dir
// is a file, can not be written to or leads nowhere. A disk that is full, or does not answer, is no
// error: the program looks for room again while it runs, after garbage collections.
// Several processes and versions of the program may share dir. It should be where the
// program keeps its state, and not in a temporary folder. A relative dir is below the
// working directory of Init.
//
// While the server answers, everything is delivered, however much it is: what the
// directory has no room for waits in memory. During an outage, one report at a time
// is tried, after pauses that grow to 6 hours; the first that is accepted lets the
// others go at once. Recover then waits for the disk only.
//
// The spool also gets the crash output of the Go runtime (debug.SetCrashOutput), in
// addition to standard error. From it, the next Init with dir reports what no
// recover can see: a panic in a goroutine without a guard, concurrent map writes, a
// deadlock, a fault, SIGQUIT. Such a report has the tags, release and environment
// of the run that died. A process has one crash output, that of the last call of
// debug.SetCrashOutput. The runtime sees no deadlock in a program with cgo, and
// none before the program's last timer has ended, which may take a minute. In a
// c-shared library, SIGQUIT and SIGABRT belong to the host program.
// By default, reports are kept in memory only.
func WithSpool(dir string) Option {
	return optionFunc(func(c *config) {
		if dir == "" {
			c.fail("WithSpool: the directory is empty: give one that is the program's own, or leave the option out")
		}
		if settings.IsInTheShellsWords(dir) {
			c.fail("WithSpool: nobody replaces ~ or a variable in the directory: use os.UserHomeDir or os.Getenv")
		}
		c.KeepSpool(dir)
	})
}

// WithSpooledEvents keeps in the spool, too, the events that the application itself
// captures through sentry-go, such as those of CaptureException: a program that ends
// with os.Exit right after it does not lose them. Capturing an event then waits for
// the disk, for at most 2 seconds. There are at most 30 of them beside the panics,
// which they do not crowd out. It needs [WithSpool].
// By default, only panics and other crashes are kept there.
func WithSpooledEvents() Option {
	return optionFunc(func(c *config) { c.Reporter.SpoolEvents = true })
}

// WithCrashMonitor reports at once what no recover can see: a panic in a
// goroutine without a guard, concurrent map writes, a deadlock, a fault, SIGQUIT.
//
// Init starts a second process, the monitor, which does nothing until this process
// dies. It is the same executable with the same arguments: it runs every package's
// init and what comes before Init in main, calls Init, and does not return from it.
// So call Init first in main, and with the same options in both processes: where it
// does not come so far, there is no monitor, and only the log of [WithLogger] says so. A
// further Init can change where the monitor reports to, and what is private.
//
// With [WithSpool], the crash output of the Go runtime (debug.SetCrashOutput) goes
// to a file in the spool, and [Recover] waits for the disk only: if the monitor is
// killed, the next Init sends what was not sent. Without a spool, the crash output
// goes to the monitor through a pipe, and the consent that counts is that of the
// monitor's own call of Init. A monitor that hangs does not delay the program: the
// crash output that does not fit into the pipe is left out.
//
// GOTRACEBACK decides how much a report tells:
//
//	none     a panic has its text and no stack; nothing else is reported
//	single   the stack of the goroutine that died; the default
//	all      all goroutines: the others are the threads of the report
//	system   the runtime's own goroutines as well
//	crash    as system; the process then dies of SIGABRT
//
// Close ends all that Init has started. A program that replaces itself with
// syscall.Exec right after Init calls Close before, or it may have a zombie as a
// child. A monitor that ends after its program is for process 1 to reap, as any
// orphan: a container whose process 1 does not reap keeps a zombie for each crash.
//
// In a c-shared or c-archive library, in a setuid program, on Android and on iOS
// there can be no monitor: Init returns an error, or with a spool logs it. In the
// process with number 1, as in a container, WithCrashMonitor is [WithSupervisor].
// By default, there is no monitor.
func WithCrashMonitor() Option {
	return optionFunc(func(c *config) { c.Watch(false) })
}

// WithSupervisor is [WithCrashMonitor] with the roles turned round: this process
// stays in Init and supervises, and the program runs as its child. The child has
// the same arguments, standard streams, inherited descriptors, process group and
// terminal. The supervisor passes signals on, reaps orphans, and ends with the exit
// status of the program. On Linux, the program dies with its supervisor. After a
// crash, the supervisor waits for the server for at most [WithFlushTimeout], and for
// at most 5 s after a SIGTERM, SIGINT or SIGHUP.
//
// The program's standard error passes through a pipe of the supervisor, from which
// a report takes the runtime's own words for a fatal error. A process that outlives
// the program loses that pipe. Standard error stays as it is where it is a
// terminal, a socket, or the same file as standard output.
//
// Call Init in the goroutine of main, before anything that only one process can
// do, such as listening on a port; a further Init has a monitor. A signal that is
// sent to the whole process group reaches the program twice, as under systemd
// without KillMode=mixed. A service that notifies systemd needs NotifyAccess=all.
// In the foreground of a terminal, SIGINT, SIGQUIT, SIGTSTP and SIGWINCH are taken
// for typed, and are not passed on. On systems other than Linux, macOS and FreeBSD
// there is a monitor instead, and a line in the log.
// By default, only the process with number 1 supervises.
func WithSupervisor() Option {
	return optionFunc(func(c *config) { c.Watch(true) })
}

// WithExitReports also reports an exit status that is not 0, of a program that did
// not call [Close] before: one that ends by log.Fatal, for example. It needs
// [WithSupervisor], because nobody else learns the exit status: without, Init returns
// an error, but in the process with number 1 with [WithCrashMonitor]. The report has the
// last 20 lines of standard error, scrubbed, in its context "standard_error", and the
// last of them as its text, unless [WithoutMessages] is given. Where standard error is
// a terminal, a socket, or the same file as standard output, there are no lines.
// By default, an exit status is nobody's business.
func WithExitReports() Option {
	return optionFunc(func(c *config) { c.ExitReports = true })
}

// WithReleaseHealth counts how runs of the program end, so that Sentry can tell the
// share of those without a crash, by release. Each run is a session: one small
// envelope tells of its start, soon after [Init], and one of its end, with a status:
//
//	exited     it came to Close
//	errored    the same, and it had reported errors (the server counts it so)
//	crashed    it died of a crash, of too much memory, or of another fault of its own
//	abnormal   it ended without a word, and nobody knows why
//
// docs/release-health.md shows every byte. There is nothing in it about the person who
// runs the program: the id is random, and of one run. A further Init goes on with the
// session. A run that ends without [Close] is told of by its monitor or supervisor, or
// by the next Init with the same spool; so it needs [WithSpool], in which at most 200
// such envelopes wait for the network.
// By default, runs are not counted.
func WithReleaseHealth() Option {
	return optionFunc(func(c *config) { c.Reporter.ReleaseHealth = true })
}

// WithRateLimit reports the same crash at most n times in each period per. Crashes
// are the same if they have the same kind, and the same functions of the user's own
// code on the stack. The next report says how many were left out, in its context
// "rate_limit". With [WithSpool], the count holds over restarts and for all
// processes that share the directory. By default, every panic is reported.
func WithRateLimit(n int, per time.Duration) Option {
	return optionFunc(func(c *config) {
		if n < 1 || per <= 0 || settings.IsWithoutUnit(per) {
			c.fail("WithRateLimit: n must be 1 or more, and per a millisecond or more, such as time.Hour")
		}
		c.Reporter.RateLimit = limit.Rate{N: n, Per: per}
	})
}

// WithFlushTimeout bounds how long [Recover] may hold back a panic, and [Close]
// and a second [Init] may wait. Zero does not wait at all.
// By default, it is 5 seconds.
func WithFlushTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) {
		if d < 0 || settings.IsWithoutUnit(d) {
			c.fail("WithFlushTimeout: the duration is negative, or less than a millisecond: want one such as 5*time.Second, or 0 not to wait")
		}
		c.Reporter.FlushTimeout = d
	})
}

// WithLogger logs the library's own trouble to l: a report that could not be
// delivered, for example, and why. An [Init] that is silent says why at level Info. No
// DSN and no text of a report is ever logged.
// Do not use a handler that itself reports to Sentry: it would report its own
// failures. By default, nothing is logged.
func WithLogger(l *slog.Logger) Option {
	return optionFunc(func(c *config) {
		if l != nil {
			c.Reporter.Logger = l
		}
	})
}

// WithClientOptions lets change set everything else that sentry-go can do:
// BeforeSend, an HTTP proxy, certificates, tracing. It is called in Init, which
// returns an error where change sets Dsn, Release or Environment, which have options
// of their own, or Transport: the library delivers its reports itself.
// By default, sentry-go's defaults hold, without its module list, host name
// and SENTRY_TAGS_ variables.
func WithClientOptions(change func(*sentry.ClientOptions)) Option {
	return optionFunc(func(c *config) {
		if change != nil {
			c.Reporter.ClientOptions = append(c.Reporter.ClientOptions, change)
		}
	})
}
