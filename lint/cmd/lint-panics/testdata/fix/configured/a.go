package configured

func use(n int) {
	go func() { println(1 / n) }()
}
