package values

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/panicreport/sentry/internal/scrub/texts"
)

// number scrubs a number as JSON writes it. Text that is no number is scrubbed
// as a text.
func (w *Walker) number(v json.Number) (any, bool) {
	if !json.Valid([]byte(v)) {
		return w.text("", string(v))
	}
	return cardOr(v, string(v))
}

// wholeNumber scrubs the whole number v, whose value is n. It can be the number
// of a payment card.
func wholeNumber(v any, n int64) (any, bool) {
	const smallest = 1e12 // has 13 digits
	if n < smallest {
		return v, false
	}
	var buf [24]byte
	return cardOr(v, string(strconv.AppendInt(buf[:0], n, 10)))
}

// cardOr returns a placeholder for v if its digits are the number of a payment
// card, and v otherwise.
func cardOr(v any, digits string) (any, bool) {
	if texts.IsCardNumber(digits) {
		return texts.Filtered, true
	}
	return v, false
}

// finite scrubs the number v, whose value is f. JSON has no infinite numbers
// and no NaN, so these become texts.
func finite(v any, f float64) (any, bool) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return strconv.FormatFloat(f, 'g', -1, 64), true
	}
	const smallest, largest = 1e12, 1e19
	if f >= smallest && f < largest && f == math.Trunc(f) {
		return cardOr(v, strconv.FormatFloat(f, 'f', 0, 64))
	}
	return v, false
}

// moment scrubs a time. One that can not be encoded becomes a text.
func moment(v time.Time) (any, bool) {
	if !IsJSONTime(v) {
		return v.String(), true
	}
	return v, false
}

// IsJSONTime reports whether t can be encoded as JSON: its year has four
// digits.
func IsJSONTime(t time.Time) bool {
	_, err := t.MarshalJSON()
	return err == nil
}
