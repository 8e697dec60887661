// Package testmain has a test suite that reports its crashes: those of the tests
// themselves, and those of goroutines that the tests leave running.
package testmain

import "sync"

// A Queue passes jobs to one worker.
type Queue struct {
	jobs chan func()
	done sync.WaitGroup
}

// NewQueue starts the worker. The worker has no guard, so a panic of a job ends the
// process.
func NewQueue() *Queue {
	q := &Queue{jobs: make(chan func())}
	q.done.Add(1)
	go func() {
		for job := range q.jobs {
			job()
		}
		q.done.Done()
	}()
	return q
}

// Put passes job to the worker, and waits until the worker takes it.
func (q *Queue) Put(job func()) { q.jobs <- job }

// Close waits until the worker has ended.
func (q *Queue) Close() {
	close(q.jobs)
	q.done.Wait()
}
