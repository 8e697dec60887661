package cgroup

import "fmt"

// A Kill is the kernel's end of a process for its memory. Sizes are in bytes.
type Kill struct {
	At    uint64 // how much there was in the group, or in the process; 0 is not known
	Limit uint64 // of the group, or of the machine
	Oomd  bool   // it was not the kernel, but systemd-oomd, which waits for no limit
}

// String is "killed by the kernel at 510 MiB of 512 MiB".
func (k Kill) String() string {
	switch {
	case k.Oomd:
		return "killed by systemd-oomd"
	case k.At > 0 && k.Limit > 0:
		return fmt.Sprintf("killed by the kernel at %s of %s", size(k.At), size(k.Limit))
	case k.Limit > 0:
		return "killed by the kernel at the limit of " + size(k.Limit)
	default:
		return "killed by the kernel"
	}
}

// size writes MiB, as people write limits.
func size(n uint64) string { return fmt.Sprintf("%d MiB", n>>20) }

// nearly is how full a group is, in percent, that may have been at its limit: the
// last reading is some seconds older than the end.
const nearly = 90

// Killed tells whether the kernel has killed a process between two readings, of which
// the first was made by the process itself. resident is the most memory that the
// process had, in bytes, or 0.
//
// A group counts the kills in it, so a process that has died of one has left its
// trace in its own group. If that group is another one by now, because a service was
// started again, the groups round it count too, but they have other members: they are
// evidence only if the process's own group was nearly full.
func Killed(before, after Memory, resident uint64) (k Kill, ok bool) {
	if len(before.Groups) == 0 || len(after.Groups) == 0 {
		return k, false
	}
	was, is := before.Groups[0], after.Groups[0]
	if oomdHasKilled(before.Groups, after.Groups) {
		k = Kill{At: max(resident, was.Usage), Oomd: true}
		if was.ID == is.ID {
			k.At = max(k.At, is.Peak)
		}
		return k, true
	}
	switch {
	case was.ID == is.ID && is.Counts:
		ok = is.Kills > was.Kills
	case was.ID == is.ID: // Linux before 4.13: the limit is met by files that are cached, too
		ok = is.Fails > was.Fails && isNear(resident, is.Limit)
	default:
		ok = hasGrown(before.Groups[1:], after.Groups[1:]) && isNear(was.Usage, was.Limit)
		after = before
	}
	if !ok {
		return Kill{}, false
	}
	return after.kill(resident), true
}

// hasGrown tells whether a group that is in both readings has counted a kill.
func hasGrown(before, after []Group) bool {
	for _, was := range before {
		for _, is := range after {
			if is.ID == was.ID && is.Counts && is.Kills > was.Kills {
				return true
			}
		}
	}
	return false
}

// oomdHasKilled tells whether systemd-oomd has killed a group that is in both readings:
// with it, all in the groups below.
func oomdHasKilled(before, after []Group) bool {
	for _, was := range before {
		for _, is := range after {
			if is.ID == was.ID && is.Oomd > was.Oomd {
				return true
			}
		}
	}
	return false
}

func isNear(size, limit uint64) bool { return limit > 0 && size >= limit/100*nearly }

// Kills is how many processes were killed for memory, by the kernel in the own group,
// and by systemd-oomd with any group round it.
func (m Memory) Kills() (n uint64) {
	for i, g := range m.Groups {
		if n += g.Oomd; i == 0 {
			n += g.Kills
		}
	}
	return n
}

// kill tells which limit it was: that of the group that was the fullest, or that of
// the machine if no group has one.
func (m Memory) kill(resident uint64) (k Kill) {
	fullest := -1.0
	for _, g := range m.Groups {
		if g.Limit == 0 {
			continue
		}
		at := max(g.Peak, g.Usage)
		if at == 0 {
			at = resident
		}
		if full := float64(at) / float64(g.Limit); full > fullest {
			fullest, k = full, Kill{At: min(at, g.Limit), Limit: g.Limit}
		}
	}
	if fullest < 0 || fullest < nearly/100.0 && m.Machine > 0 && k.At > 0 {
		// No group was at its limit: it was the machine that had no more.
		return Kill{At: max(resident, m.Groups[0].Peak, m.Groups[0].Usage), Limit: m.Machine}
	}
	return k
}
