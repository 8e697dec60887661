package testsoff

func useInTest() {
	go risky()
	//lint:ignore lintpanics not looked at either
	go risky()
}
