package traceback

const (
	// maxLine is how much of a line is looked at. The longest that the runtime
	// writes by itself is a frame's: two addresses for each of a few arguments
	// after a name, which is far below. Only a panic's text is longer.
	maxLine = 16 << 10

	// maxLineTail is how much is kept of the end of a line that is longer, for
	// the "[recovered, repanicked]" that can stand there.
	maxLineTail = 64

	// maxText is how much is kept of a panic's text. Sentry takes 8,192
	// characters of a message.
	maxText = 8 << 10

	// maxPanics is how many panics of a chain are told apart. A chain is as
	// long as deferred functions that panic are nested; nobody nests 16.
	maxPanics = 16

	// maxGoroutines is how many are kept. A report with more is refused for
	// its size, and nobody reads more.
	maxGoroutines = 256

	// maxFrames is how many frames are kept of one stack. The runtime prints
	// the 50 innermost and the 50 outermost; only a C symbolizer adds to that.
	maxFrames = 256

	// maxName and maxFile bound a function's name and a path. PATH_MAX is
	// 4,096 on Linux, and the linker shortens no name but does not see such.
	maxName = 2 << 10
	maxFile = 4 << 10

	// maxSignal bounds a signal's name and its text. The longest of any system
	// has 40 bytes.
	maxSignal = 80

	// maxLabels bounds the labels of one goroutine.
	maxLabels = 64

	// maxKept is how many bytes of names, paths and frames are kept in all.
	// Real dumps of maxGoroutines are below 1 MiB; only a forged one is not.
	maxKept = 8 << 20

	// maxUnread lines of maxUnreadLine bytes are enough to see what a new Go
	// version writes.
	maxUnread     = 8
	maxUnreadLine = 200
)
