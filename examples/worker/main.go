// Command worker works through jobs in a pool, with a timer and a schedule. The
// argument says where it panics:
//
//	go run ./worker job
//	go run ./worker timer
//	go run ./worker cron
package main

import (
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/panicreport/sentry"
)

func main() {
	if err := sentry.Init(sentry.WithDefaultEnvironmentDSN()); err != nil {
		log.Print(err)
	}
	defer sentry.Close()
	defer sentry.Recover()
	switch append(os.Args, "job")[1] {
	case "timer":
		remind()
	case "cron":
		schedule()
	default:
		work([]int{10, 5, 0})
	}
}

// work has three workers. The guard is deferred after Done, so that it runs before:
// otherwise main could return before the report is sent.
func work(jobs []int) {
	queue := make(chan int)
	var workers sync.WaitGroup
	for range 3 {
		workers.Add(1)
		go func() {
			defer workers.Done()
			defer sentry.Recover()
			for job := range queue {
				fmt.Println("each gets", 100/job)
			}
		}()
	}
	for _, job := range jobs {
		queue <- job
	}
	close(queue)
	workers.Wait()
}

// remind panics in a timer: the function of time.AfterFunc is a goroutine of its own.
func remind() {
	time.AfterFunc(time.Millisecond, func() {
		defer sentry.Recover()
		add(nil, "tea")
	})
	select {}
}

func add(reminders map[string]time.Time, what string) { reminders[what] = time.Now() }

// schedule panics in a job of cron, which recovers panics where it is told to. The
// guard is the last of the chain, next to the job: outside of Recover it would see
// nothing.
func schedule() {
	ended := make(chan struct{})
	c := cron.New(cron.WithChain(cron.Recover(cron.DefaultLogger), guard))
	c.Schedule(cron.Every(time.Second), cron.FuncJob(func() {
		defer close(ended)
		var report []string
		fmt.Println("the first line is", report[0])
	}))
	c.Start()
	<-ended
	<-c.Stop().Done() // waits for the job, and with it for the report
}

func guard(job cron.Job) cron.Job {
	return cron.FuncJob(func() {
		defer sentry.Recover()
		job.Run()
	})
}
