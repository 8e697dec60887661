package traceback

const (
	// maxLine is how many bytes of a line are read. The longest line of the
	// runtime is that of a frame, with a name and two addresses for each of a few
	// arguments, and is far below this. Only the text of a panic can be longer.
	maxLine = 16 << 10

	// maxLineTail is how many bytes at the end of a longer line are kept, because
	// "[recovered, repanicked]" can be there.
	maxLineTail = 64

	// maxText is how many bytes of the text of a panic are kept. Sentry accepts
	// 8,192 characters in a message.
	maxText = 8 << 10

	// maxPanics is how many panics of a chain are told apart. For a longer chain,
	// as many deferred functions would have to panic, each during the panic of
	// the one before. No program does that.
	maxPanics = 16

	// maxGoroutines is how many goroutines are kept. A report with more would be
	// refused for its size, and nobody reads more.
	maxGoroutines = 256

	// maxFrames is how many frames of a stack are kept. The runtime prints the 50
	// innermost and the 50 outermost. Only a C symbolizer adds more.
	maxFrames = 256

	// maxName and maxFile are the size limits of a function's name and of a path,
	// in bytes. PATH_MAX is 4,096 on Linux. The linker does not shorten names, but
	// no real name is this long.
	maxName = 2 << 10
	maxFile = 4 << 10

	// maxSignal is the size limit of a signal's name and of its text, in bytes.
	// The longest of any system has 40 bytes.
	maxSignal = 80

	// maxLabels is how many labels of a goroutine are kept.
	maxLabels = 64

	// maxKept is how many bytes of names, paths and frames are kept in total.
	// Real dumps of maxGoroutines are below 1 MiB, only a forged one is larger.
	maxKept = 8 << 20

	// maxUnread lines of maxUnreadLine bytes are enough to see what a new version
	// of Go writes.
	maxUnread     = 8
	maxUnreadLine = 200
)
