// Package server receives orders for thumbnails over HTTP.
package server

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/panicreport/sentry/examples/helper/common"
	"github.com/panicreport/sentry/examples/helper/worker"
)

// Handler returns a handler that sends the image of each order to images:
//
//	/thumbnail?size=640x480
func Handler(images chan<- worker.Image) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/thumbnail", func(w http.ResponseWriter, r *http.Request) {
		// net/http recovers the panic of a handler, so that the server goes on.
		// But it only prints the panic, and nobody would notice.
		defer common.LogOnPanic()
		image, err := parseSize(r.URL.Query()["size"])
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		images <- image
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

// parseSize has a mistake: it panics if an order has no size. That ends the request
// only.
func parseSize(sizes []string) (image worker.Image, err error) {
	if _, err := fmt.Sscanf(sizes[0], "%dx%d", &image.Width, &image.Height); err != nil {
		return worker.Image{}, fmt.Errorf("parse size %s: %w", strconv.Quote(sizes[0]), err)
	}
	return image, nil
}
