package generated

func other() {
	go use()
	go risky() // want `goroutine risky has no guard`
}
