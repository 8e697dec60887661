// Package worker makes thumbnails in the background.
package worker

import (
	"log/slog"

	"github.com/panicreport/sentry/examples/helper/common"
)

// Image is a picture of which the worker makes a thumbnail.
type Image struct{ Width, Height int }

// Start starts a goroutine that makes thumbnails of images until images is closed.
// It has a mistake: it panics if a picture is empty. That ends the process.
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
