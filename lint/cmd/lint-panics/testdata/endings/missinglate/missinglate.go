// want: missing

package missinglate

import (
	"os"
	"sync"
)

func work() { panic("work") }

func Main() {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		println(os.Args[0])
		defer wg.Done()
		work()
	}()
	wg.Wait()
}
