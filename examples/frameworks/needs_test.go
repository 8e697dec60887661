package frameworks_test

// What docs/recovered.md uses beside them.
import (
	_ "github.com/robfig/cron/v3"
	_ "github.com/valyala/fasthttp"
	_ "k8s.io/apimachinery/pkg/util/runtime"
)
