package testsall
