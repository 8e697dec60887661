package scrub

import (
	"maps"
	"slices"
	"strings"

	"github.com/getsentry/sentry-go"

	"github.com/panicreport/sentry/internal/scrub/texts"
	"github.com/panicreport/sentry/internal/scrub/values"
)

const (
	// maxTag is the limit of Sentry's server for the key and for the value of a
	// tag. Sentry counts characters, maxTag is in bytes.
	// https://develop.sentry.dev/sdk/event-payloads/#optional-attributes
	maxTag = 200

	// maxTags is how many tags of one event stay. An event has more only if an
	// application uses a value as the name of a tag.
	maxTags = 200
)

// event scrubs the parts of an event, one after the other.
func (p *pass) event(e *sentry.Event) {
	if isSerialized(e) {
		*e = unserialized(e)
	}
	p.titles(e)
	p.protocol(e)
	e.Exception = each(e.Exception, p.exception)
	e.Threads = each(e.Threads, p.thread)
	e.Breadcrumbs = each(newest(e.Breadcrumbs), p.breadcrumb)
	e.Tags = p.tags(e.Tags)
	p.contexts(e)
	p.user(&e.User)
	p.request(e)
	p.images(e)
	e.Attachments = each(e.Attachments, p.attachment)
	e.Spans = each(e.Spans, p.span)
	e.Logs = each(e.Logs, p.log)
	e.Metrics = each(e.Metrics, p.metric)
}

// titles scrubs the texts of the event itself.
func (p *pass) titles(e *sentry.Event) {
	e.Message = p.long(e.Message)
	e.Transaction = p.line(e.Transaction, maxTitle)
	e.Logger = p.line(e.Logger, maxTitle)
	e.ServerName = p.line(e.ServerName, maxTitle)
	e.Fingerprint = each(e.Fingerprint, func(t string) (string, bool) {
		next := p.line(t, maxTitle)
		return next, next != t
	})
}

// protocol scrubs the texts whose form Sentry's protocol says. An application can
// write into them all the same, and its hooks run after they were set.
func (p *pass) protocol(e *sentry.Event) {
	e.Release = p.release(e.Release)
	e.Environment = p.plain(e.Environment, maxTag)
	e.Dist = p.version(e.Dist)
	e.Platform = p.plain(e.Platform, maxTag)
	e.Level = sentry.Level(p.plain(string(e.Level), maxTag))
	e.Sdk.Name, e.Sdk.Version = p.plain(e.Sdk.Name, maxTag), p.version(e.Sdk.Version)
	e.Sdk.Integrations = each(e.Sdk.Integrations, func(t string) (string, bool) {
		next := p.plain(t, maxTag)
		return next, next != t
	})
	e.Sdk.Packages = each(e.Sdk.Packages, func(k sentry.SdkPackage) (sentry.SdkPackage, bool) {
		changed := assign(&k.Name, p.plain(k.Name, maxTag))
		return k, assign(&k.Version, p.version(k.Version)) || changed
	})
	if e.TransactionInfo != nil {
		e.TransactionInfo = &sentry.TransactionInfo{Source: sentry.TransactionSource(p.plain(string(e.TransactionInfo.Source), maxTag))}
	}
	if e.CheckIn != nil {
		c := *e.CheckIn
		c.MonitorSlug = p.name(c.MonitorSlug, maxTag)
		c.Status = sentry.CheckInStatus(p.plain(string(c.Status), maxTag))
		e.CheckIn = &c
	}
	if e.MonitorConfig != nil {
		c := *e.MonitorConfig
		c.Timezone = p.plain(c.Timezone, maxTag)
		e.MonitorConfig = &c
	}
}

// release scrubs a release, name@version. The version stays if it is one.
func (p *pass) release(t string) string {
	if n := strings.LastIndexByte(t, '@'); n >= 0 && values.IsVersion("version", t[n+1:]) {
		if name := p.plain(t[:n], maxTitle); name != t[:n] {
			return name + t[n:]
		}
		return t
	}
	return p.version(t)
}

// version scrubs a version. The four numbers of one would be an IP address
// otherwise.
func (p *pass) version(t string) string {
	if values.IsVersion("version", t) {
		return t
	}
	return p.plain(t, maxTag)
}

// tags scrubs the tags. A tag whose key would have to change is removed,
// because the changed key means nothing.
func (p *pass) tags(tags map[string]string) map[string]string {
	var out map[string]string
	drop := func(k string) {
		if out == nil {
			out = maps.Clone(tags)
		}
		delete(out, k)
	}
	if len(tags) > maxTags {
		for _, k := range slices.Sorted(maps.Keys(tags))[maxTags:] {
			drop(k)
		}
	}
	for k, v := range tags {
		if out != nil {
			if _, kept := out[k]; !kept {
				continue
			}
		}
		if v == "" || p.name(k, maxTag) != k {
			drop(k) // Sentry marks an event with an empty tag as faulty
			continue
		}
		if next := p.tag(k, v); next != v {
			if out == nil {
				out = maps.Clone(tags)
			}
			out[k] = next
		}
	}
	if out == nil {
		return tags
	}
	return out
}

// tag scrubs the value of a tag.
func (p *pass) tag(key, value string) string {
	if values.IsVersion(key, value) {
		p.size += len(value)
		return value
	}
	return p.line(p.named(key, value), maxTag)
}

// contexts scrubs the contexts. A context whose name is that of a secret stays
// a map, because the server accepts nothing else.
func (p *pass) contexts(e *sentry.Event) {
	var out map[string]sentry.Context
	for name, c := range e.Contexts {
		next := c
		as := p.name(name, maxTag)
		secret := p.texts.Sensitivity(name) != texts.NotSecret || as != name && p.texts.Sensitivity(as) != texts.NotSecret
		if secret && len(c) > 0 {
			next = sentry.Context{"value": texts.Filtered}
		}
		next = p.nested(name, next)
		if sameMap(next, c) && as == name {
			continue
		}
		if out == nil {
			out = maps.Clone(e.Contexts)
		}
		if as != name {
			delete(out, name)
		}
		out[as] = next
	}
	if out != nil {
		e.Contexts = out
	}
}

// user scrubs the user. The addresses are removed, the id stays. The names stay only
// if the application asked for that.
func (p *pass) user(u *sentry.User) {
	u.Email, u.IPAddress = "", ""
	if p.userNames {
		u.Username, u.Name = p.line(u.Username, maxTag), p.line(u.Name, maxTag)
	} else {
		u.Username, u.Name = "", ""
	}
	u.ID = p.line(u.ID, maxTag)
	u.Data = p.stringMap(u.Data)
}

// images scrubs the paths of debug images. A Go program has none unless the
// application adds them.
func (p *pass) images(e *sentry.Event) {
	if e.DebugMeta == nil || len(e.DebugMeta.Images) == 0 {
		return
	}
	e.DebugMeta = &sentry.DebugMeta{
		SdkInfo: e.DebugMeta.SdkInfo,
		Images: each(e.DebugMeta.Images, func(i sentry.DebugMetaImage) (sentry.DebugMetaImage, bool) {
			changed := false
			for _, t := range []*string{&i.CodeFile, &i.DebugFile} {
				changed = assign(t, p.line(*t, maxTitle)) || changed
			}
			for _, t := range []*string{&i.Type, &i.Arch, &i.DebugID, &i.CodeID, &i.UUID, &i.ImageAddr, &i.ImageVmaddr} {
				changed = assign(t, p.plain(*t, maxTag)) || changed
			}
			return i, changed
		}),
	}
}
