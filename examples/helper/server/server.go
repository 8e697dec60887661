// Package server takes orders for thumbnails over HTTP.
package server

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/panicreport/sentry/examples/helper/common"
	"github.com/panicreport/sentry/examples/helper/worker"
)

// Handler passes on what it is asked for:
//
//	/thumbnail?size=640x480
func Handler(images chan<- worker.Image) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/thumbnail", func(w http.ResponseWriter, r *http.Request) {
		// net/http recovers the panic of a handler, and the server lives on. But
		// it only prints it, so that nobody would ever hear of it.
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

// parseSize has the mistake that costs one request: every order has a size, it
// believes.
func parseSize(sizes []string) (image worker.Image, err error) {
	if _, err := fmt.Sscanf(sizes[0], "%dx%d", &image.Width, &image.Height); err != nil {
		return worker.Image{}, fmt.Errorf("parse size %s: %w", strconv.Quote(sizes[0]), err)
	}
	return image, nil
}
