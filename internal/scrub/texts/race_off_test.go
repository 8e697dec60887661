//go:build !race

package texts_test

const raceDetector = false
