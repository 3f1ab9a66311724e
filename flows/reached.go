package flows

import "slices"

// Unreached counts the members to whom nothing of a case came through: one whose
// text arrived has been reached, though a call to them failed.
func (c *Case) Unreached() int {
	var missed []MemberID
	for _, a := range c.Alerts {
		if a.Delivery == Undelivered && a.Reason != "obsolete" && !slices.Contains(missed, a.Member) {
			missed = append(missed, a.Member)
		}
	}
	for _, a := range c.Alerts {
		if i := slices.Index(missed, a.Member); i >= 0 && a.Delivery != Undelivered {
			missed = slices.Delete(missed, i, i+1)
		}
	}
	return len(missed)
}
