// Package testmain has a test suite whose crashes are reported: see TestMain.
// One of its tests crashes when it is asked to, and takes the whole suite along:
//
//	SENTRY_DSN=https://key@o1.ingest.sentry.io/2 CRASH=1 go test ./testmain
package testmain

import "sync"

// Averages returns the average of each group. They are calculated at the same
// time, and a group without a number is the end of the program.
func Averages(groups ...[]int) []int {
	averages := make([]int, len(groups))
	var all sync.WaitGroup
	for i, group := range groups {
		all.Add(1)
		//lint:ignore lintpanics it is here to crash the tests, which can not recover for it
		go func() {
			defer all.Done()
			averages[i] = average(group)
		}()
	}
	all.Wait()
	return averages
}

func average(numbers []int) int {
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	return sum / len(numbers)
}
