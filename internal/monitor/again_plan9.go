package monitor

func isAgain(error) bool { return false }
