package scrub

// The bounds of a whole event.
const (
	MaxEvent       = maxEvent
	MaxTransaction = maxTransaction
	MaxAttachment  = maxAttachment
	MaxTag         = maxTag
)
