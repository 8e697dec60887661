package x

func risky(n int) { println(1 / n) }

func Use() { go risky(0) }
