package roster_test

import (
	"regexp"
	"strings"
	"testing"

	"hotline/flows"
	"hotline/flows/escalation"
)

// FuzzRead holds that a file is read whole or refused, never with a panic or a
// number in the message, and that what is read makes a roster.
func FuzzRead(f *testing.F) {
	f.Add(goodMembers, goodRota, goodOverrides)
	f.Add("id,name\n", "place\n\"", "\xff")
	f.Fuzz(func(t *testing.T, members, rota, overrides string) {
		d, err := read(members, rota, overrides)
		if err == nil {
			if _, err := escalation.NewRoster(d); err != nil {
				t.Errorf("accepted, but %v", err)
			}
			return
		}
		if d.Members != nil {
			t.Error("half of it was read")
		}
		shown := strings.ReplaceAll(err.Error(), flows.ErrPhone.Error(), "")
		if n := regexp.MustCompile(`[0-9]{7,}`).FindString(shown); n != "" {
			t.Errorf("a number is shown in %q", err)
		}
	})
}
