package literal

func risky(n int) { println(1 / n) }

func literals(n int) {
	go func() {
		risky(n)
	}()
	go func() { risky(n) }()
	go func() { // why it is started
		// why it calls
		risky(n)
	}()
	go func(m int) {

		risky(m)
	}(n)
}

func twice(n int) {
	go risky(n)
	go risky(n + 1)
}
