package lintpanics

// A category tells what is wrong with a goroutine. It is the category of the
// diagnostic. The empty category means that nothing is wrong.
type category string

const (
	covered      category = "" // every panic is reported, or nothing can panic
	missing      category = "missing"
	late         category = "late"
	conditional  category = "conditional"
	early        category = "early"
	exits        category = "exits"
	notDeferred  category = "not-deferred"
	nested       category = "nested"
	deferRecover category = "defer-recover"
	bareRecover  category = "bare-recover"
	swallowed    category = "swallowed"
	unseen       category = "unseen"
	ignored      category = "ignore"
)
