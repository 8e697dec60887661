package delivery

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// defaultPause is what Sentry asks for after a 429 that gives no time.
	// https://develop.sentry.dev/sdk/expected-features/rate-limiting/
	defaultPause = 60 * time.Second

	// maxPause keeps a broken or hostile answer from silencing a program for
	// good; Sentry's own quotas are counted by the day.
	maxPause = 24 * time.Hour
)

// pauseOf reads from an answer until when that is not wanted which concerns tells, or
// zero. A refusal that says of others only that it concerns them is not about it.
func pauseOf(h http.Header, status int, now time.Time, concerns, others func(categories string) bool) time.Time {
	if limits := strings.Join(h.Values("X-Sentry-Rate-Limits"), ","); limits != "" {
		pause := rateLimits(limits, now, concerns)
		if !pause.IsZero() || status != http.StatusTooManyRequests || !rateLimits(limits, now, others).IsZero() {
			return pause
		}
	}
	if status < 400 {
		return time.Time{}
	}
	if pause, ok := retryAfter(h.Get("Retry-After"), now); ok {
		return pause
	}
	if status == http.StatusTooManyRequests {
		return now.Add(defaultPause)
	}
	return time.Time{}
}

// rateLimits reads the latest time that concerns what it is asked for from
//
//	60:transaction:key, 2700:default;error;security:organization
//
// An empty list of categories means all.
func rateLimits(header string, now time.Time, concerns func(categories string) bool) time.Time {
	var latest time.Time
	for limit := range strings.SplitSeq(header, ",") {
		seconds, rest, _ := strings.Cut(strings.TrimSpace(limit), ":")
		categories, _, _ := strings.Cut(rest, ":")
		if !concerns(categories) {
			continue
		}
		if pause, ok := inSeconds(seconds, now); ok && pause.After(latest) {
			latest = pause
		}
	}
	return latest
}

func concernsErrors(categories string) bool { return concern(categories, "error", "default") }

func concernsSessions(categories string) bool { return concern(categories, "session") }

func concern(categories string, names ...string) bool {
	for category := range strings.SplitSeq(categories, ";") {
		if category = strings.TrimSpace(category); category == "" || slices.Contains(names, category) {
			return true
		}
	}
	return false
}

// retryAfter reads a number of seconds or a date.
func retryAfter(value string, now time.Time) (time.Time, bool) {
	if pause, ok := inSeconds(value, now); ok {
		return pause, true
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return time.Time{}, false
	}
	return earlier(date, now.Add(maxPause)), true
}

func inSeconds(value string, now time.Time) (time.Time, bool) {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil || seconds < 0 || seconds != seconds {
		return time.Time{}, false
	}
	pause := maxPause
	if seconds < maxPause.Seconds() {
		pause = time.Duration(seconds * float64(time.Second))
	}
	return now.Add(pause), true
}
