//go:build !linux

package folder

import "os"

// Reserve does nothing here.
func Reserve(*os.File, int64) {}
