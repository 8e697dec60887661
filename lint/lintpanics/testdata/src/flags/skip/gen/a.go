package p

func risky() { panic("x") }

func use() {
	go risky()
}
