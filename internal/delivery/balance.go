package delivery

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A balance counts reports that the server has not accepted, by the reason.
type balance map[string]int

const stillWaiting = "still waiting for the server"

// add counts a report; without a reason, it is still waiting.
func (b balance) add(reason error) {
	if reason == nil {
		b[stillWaiting]++
	} else {
		b[reason.Error()]++
	}
}

// err says how many reports were not accepted, and why, the most frequent reason
// first. So many of them stay in the spool.
//
//	3 reports were not accepted: connect: connection refused (2), the server answered 403 Forbidden (3 stay in the spool, for the next run)
func (b balance) err(stored int) error {
	total := 0
	for _, n := range b {
		total += n
	}
	if total == 0 {
		return nil
	}
	err := fmt.Errorf("%s not accepted: %s", number(total, "report was", "reports were"), b)
	if b[stillWaiting] == total {
		err = fmt.Errorf("%s still waiting for the server", number(total, "report is", "reports are"))
	}
	if stored > 0 {
		err = fmt.Errorf("%w (%s in the spool, for the next run)", err, number(stored, "stays", "stay"))
	}
	return err
}

func number(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n, " ", more)
}

func (b balance) String() string {
	reasons := slices.SortedFunc(maps.Keys(b), func(x, y string) int {
		return cmp.Or(cmp.Compare(b[y], b[x]), cmp.Compare(x, y))
	})
	for i, reason := range reasons {
		if n := b[reason]; n > 1 {
			reasons[i] = fmt.Sprintf("%s (%d)", reason, n)
		}
	}
	return strings.Join(reasons, ", ")
}
