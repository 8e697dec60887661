package capture

import (
	"context"
	"errors"
	"fmt"
)

// A Shop sells.
type Shop struct {
	Reporter Reporter
	Charge   func(cents int) error
}

// ErrRefused is the customer's trouble, and not ours: it is not reported.
var ErrRefused = errors.New("the card was refused")

// Buy reports what the customer can do nothing about.
func (s *Shop) Buy(ctx context.Context, cents int) error {
	err := s.Charge(cents)
	if err != nil && !errors.Is(err, ErrRefused) {
		s.Reporter.Report(ctx, fmt.Errorf("charge: %w", err))
	}
	return err
}
