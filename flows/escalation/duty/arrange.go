package duty

import (
	"context"
	"fmt"
	"strings"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Arrange puts overrides into the rota at once, on the word of a person. Nothing
// is changed when the rota would have a fault.
func (c *Clerk) Arrange(ctx context.Context, by flows.MemberID, overrides []flows.Override) error {
	d, err := c.Directories.Directory(ctx)
	if err != nil {
		return err
	}
	next, what := Apply(d, Book{Overrides: overrides})
	if len(what) == 0 {
		return nil
	}
	if _, err := escalation.NewRoster(next); err != nil {
		return fmt.Errorf("change the rota: %w", err)
	}
	next.Version = Renewed(d.Version)
	if err := c.Directories.ReplaceDirectory(ctx, d.Version, next); err != nil {
		return fmt.Errorf("change the rota: %w", err)
	}
	if c.Changed != nil {
		c.Changed(ctx, by, "version "+next.Version, strings.Join(what, "; "))
	}
	return nil
}
