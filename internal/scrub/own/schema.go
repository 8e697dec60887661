package own

import (
	"regexp"
	"strings"
	"sync"
)

// A schema has the rules for documents of Sentry's protocol, as far as this library and
// sentry-go write them. What has no rule here does not leave.
// https://develop.sentry.dev/sdk/data-model/
type schema struct{ document, trace, sdk rule }

var protocols struct {
	once sync.Once
	schema
}

// rules are made when they are used, and not before main: so that the linker leaves
// this package out of a program without WithOwnWords.
func rules() schema {
	protocols.once.Do(func() { protocols.schema = newSchema() })
	return protocols.schema
}

func newSchema() schema {
	frame := map[string]rule{
		"function": place, "symbol": place, "module": place, "filename": place, "package": place,
		"lineno": number, "colno": number, "in_app": yes, "stack_start": yes, "platform": enum,
		"pre_context": each(line), "context_line": line, "post_context": each(line), "vars": free,
	}

	stack := object(map[string]rule{"frames": each(object(frame)), "frames_omitted": each(number)})

	exception := map[string]rule{
		"type": kind, "value": line, "module": place, "thread_id": whole, "stacktrace": stack,
		"mechanism": object(map[string]rule{
			"type": enum, "description": line, "source": enum, "handled": yes, "parent_id": number,
			"exception_id": number, "is_exception_group": yes, "data": free,
		}),
	}

	crumb := map[string]rule{
		"type": enum, "category": line, "message": line, "data": free, "level": enum, "timestamp": moment,
	}

	span := map[string]rule{
		"trace_id": id, "span_id": id, "parent_span_id": id, "segment_id": id, "name": line, "op": line, "description": line,
		"status": enum, "tags": named(line), "start_timestamp": moment, "timestamp": moment, "data": free, "origin": enum,
		"is_segment": yes, "exclusive_time": number,
	}

	sdk := map[string]rule{
		"name": enum, "version": enum, "integrations": each(enum), "packages": each(object(map[string]rule{"name": enum, "version": enum})),
	}

	// traceHeader is the trace of an envelope's header.
	traceHeader := map[string]rule{
		"trace_id": id, "public_key": id, "replay_id": nil, "sampled": yes, "sample_rate": whole, "sample_rand": whole,
		"org_id": whole, "release": enum, "environment": enum,
	}

	contexts := contextsWith(object(span))

	// item is a log or a metric in a list of them.
	item := map[string]rule{
		"timestamp": moment, "trace_id": id, "span_id": id, "level": enum, "severity_number": number, "body": line,
		"type": enum, "name": line, "value": number, "unit": enum, "attributes": named(attribute),
	}

	// The rules for what all documents can have. A session and a check-in are documents
	// too. Nothing of the user stays, and of a request only what it is.
	common := map[string]rule{
		"event_id": id, "check_in_id": id, "sid": id, "monitor_slug": enum, "type": enum, "platform": enum, "level": enum,
		"release": line, "environment": line, "dist": enum, "timestamp": moment, "start_timestamp": moment, "started": moment,
		"status": enum, "init": yes, "seq": number, "errors": number, "duration": number, "version": number,
		"attrs":     object(map[string]rule{"release": line, "environment": line}),
		"message":   line,
		"logentry":  object(map[string]rule{"formatted": line, "message": line, "params": each(free)}),
		"exception": each(object(exception)),
		"threads": each(object(map[string]rule{
			"id": whole, "name": thread, "stacktrace": stack, "crashed": yes, "current": yes,
		})),
		"breadcrumbs": each(object(crumb)),
		"tags":        named(line),
		"extra":       free,
		"contexts":    contexts,
		"transaction": line, "logger": line, "server_name": line, "fingerprint": each(line),
		"transaction_info": object(map[string]rule{"source": enum}),
		"request":          object(map[string]rule{"method": enum, "headers": named(line), "env": named(line)}),
		"sdk":              object(sdk),
		"spans":            each(object(span)),
		"items":            each(object(item)),
		"discarded_events": each(object(map[string]rule{"reason": enum, "category": enum, "quantity": number})),
		"monitor_config": object(map[string]rule{
			"schedule":       object(map[string]rule{"type": enum, "value": scheduled, "unit": enum}),
			"checkin_margin": number, "max_runtime": number, "timezone": enum, "failure_issue_threshold": number, "recovery_threshold": number,
		}),
	}

	return schema{document: object(common), trace: object(traceHeader), sdk: object(sdk)}
}

// contextsWith has a rule for one of them, and everything in the others is free.
func contextsWith(trace rule) rule {
	return func(p *pass, _ string, v any) any {
		return fields(v, func(name string, v any) any {
			c, ok := v.(map[string]any)
			switch shown := p.either(name); {
			case !ok, shown == "":
				return nil
			case name == "trace":
				return trace(p, name, v)
			default:
				return free(p, name, c)
			}
		})
	}
}

// scheduled is a number, or a line of a crontab, whose numbers have two digits.
func scheduled(p *pass, key string, v any) any {
	if t, ok := v.(string); ok && crontab().MatchString(t) {
		return t
	}
	return number(p, key, v)
}

var crontab = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[*]|\d{1,2})(?:[-,/ ](?:[*]|\d{1,2})){0,30}$`)
})

// counts are numbers that the library or sentry-go puts into contexts.
var counts = map[string]bool{
	"go_numroutines": true, "go_maxprocs": true, "go_numcgocalls": true, "num_cpu": true, "goroutines_left_out": true,
	"lines_not_understood": true, "left_out": true, "frames_left_out": true, "before_frame": true,
}

// protocol are texts of Sentry's protocol and of the library, and names that the
// library and sentry-go give.
var protocol = sync.OnceValue(func() map[string]bool {
	all := make(map[string]bool)
	for t := range strings.FieldsSeq(protocolTexts) {
		all[t] = true
	}
	for name := range counts {
		all[name] = true
	}
	all["runtime error"], all["fatal error"], all["{{ default }}"] = true, true, true
	return all
})

const protocolTexts = `
	fatal error warning info debug log trace warn critical
	go native other sentry.go
	event transaction check_in session default http navigation user query system console
	ok cancelled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied resource_exhausted
	failed_precondition aborted out_of_range unimplemented internal internal_error unavailable data_loss unauthenticated
	in_progress exited crashed abnormal errored missed
	GET HEAD POST PUT PATCH DELETE OPTIONS CONNECT TRACE
	custom url route view component task
	counter gauge distribution string integer boolean double array
	panic generic chained crash nil
	SIGQUIT SIGABRT SIGSEGV SIGBUS SIGFPE SIGILL SIGTRAP SIGSYS SIGTERM SIGINT SIGKILL
	crontab interval minute hour day week month year UTC
	development production staging testing test
	true false
	app device os runtime trace culture cloud_resource gpu browser response state
	context.name context.version
	name version arch build seen_by truncated inferred created_by earlier_panics app_start_time boot_time
	rate_limit stacktrace
	text/plain application/json attachment
	amd64 arm64 arm 386 riscv64 loong64 ppc64le s390x linux darwin windows android ios freebsd
`
