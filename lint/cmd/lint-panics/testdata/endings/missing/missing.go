// want: missing

package missing

import (
	"sync"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		work()
	}()
	wg.Wait()
}
