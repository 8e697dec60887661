package main

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/panicreport/sentry"
)

// getOrder divides by zero for an order without items.
func getOrder(w http.ResponseWriter, r *http.Request) {
	items, _ := strconv.Atoi(r.PathValue("id"))
	fmt.Fprintln(w, "each costs", 100/items)
}

// postReceipt starts work that goes on after the answer. A panic there ends the
// process, as in any Go program, and the report has the tags of the request.
func postReceipt(w http.ResponseWriter, r *http.Request) {
	order := r.PathValue("id")
	ctx := context.WithoutCancel(r.Context()) // that of the request ends with this function
	sentry.GoWithContext(ctx, func(ctx context.Context) { mail(ctx, order) })
	w.WriteHeader(http.StatusAccepted)
}

// mail has addresses for some orders only.
func mail(_ context.Context, order string) {
	addresses := map[string]*string{}
	fmt.Println("mail to", *addresses[order])
}
