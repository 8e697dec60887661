package methods

import (
	"flags/rpc"

	"github.com/panicreport/sentry"
)

type API struct { // want `entry point \(\*rpc.Base\).Promoted has no guard`
	rpc.Base
	inner
	m map[string]int
}

func (a *API) Get(k string) int { // want `entry point \(\*API\).Get has no guard`
	return a.m[k]
}

func (a *API) Put(k string, v int) {
	defer sentry.Recover()
	a.m[k] = v
}

func (a *API) Version() string { return "1" }

func (a *API) get(k string) int { return a.m[k] }

type inner struct{ p *int }

func (i inner) Deref() int { return *i.p } // want `entry point inner.Deref has no guard`

type Other struct{ p *int }

func (o *Other) Deref() int { return *o.p }
