//go:build !unix && !windows

package folder

func isLoop(error) bool { return false }

func isBadName(string, error) bool { return false }
