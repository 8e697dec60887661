package reporter

func Monitor() { recover() }
