// Package testmain has a test suite whose crashes are reported: those of the
// tests themselves, and those of goroutines that they leave running.
package testmain

import "sync"

// A Queue hands what is put into it to one worker.
type Queue struct {
	jobs chan func()
	done sync.WaitGroup
}

// NewQueue starts the worker, without a guard: what a job does ends the process.
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

// Put waits until the worker takes job.
func (q *Queue) Put(job func()) { q.jobs <- job }

// Close waits until the worker has ended.
func (q *Queue) Close() {
	close(q.jobs)
	q.done.Wait()
}
