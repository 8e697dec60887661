// Package worker makes thumbnails in the background.
package worker

import (
	"log/slog"

	"github.com/panicreport/sentry/examples/helper/common"
)

// Image is a picture to make a thumbnail of.
type Image struct{ Width, Height int }

// Start makes thumbnails of images, in a goroutine of its own, until images is
// closed. It has the mistake that kills the process: no picture is empty, it
// believes.
func Start(images <-chan Image) {
	go func() {
		defer common.LogOnPanic()
		for image := range images {
			slog.Info("thumbnail", "height", image.heightAt(100))
		}
	}()
}

// heightAt returns the height of a thumbnail of the given width.
func (i Image) heightAt(width int) int {
	return i.Height * width / i.Width
}
