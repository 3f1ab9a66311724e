package roster

import (
	"slices"

	"hotline/flows"
)

// Keep lets the phones of a new directory count that counted in the one before,
// for the same member: nobody has to send a code twice.
func Keep(before, after flows.Directory) flows.Directory {
	old := byID(before.Members)
	after.Members = slices.Clone(after.Members)
	for i, m := range after.Members {
		for _, u := range m.Unproven {
			if slices.Contains(old[m.ID].Phones, u.Phone) {
				after.Members[i], _ = after.Members[i].Prove(u.Phone)
			}
		}
	}
	return after
}

// Vouch lets every phone count, on the word of whoever imports it.
func Vouch(d flows.Directory) flows.Directory {
	d.Members = slices.Clone(d.Members)
	for i := range d.Members {
		for len(d.Members[i].Unproven) > 0 {
			d.Members[i], _ = d.Members[i].Prove(d.Members[i].Unproven[0].Phone)
		}
	}
	return d
}

// Silent lists the members without any phone that counts: they get no alerts.
func Silent(d flows.Directory) []flows.MemberID {
	var ids []flows.MemberID
	for _, m := range d.Members {
		if len(m.Phones) == 0 {
			ids = append(ids, m.ID)
		}
	}
	return ids
}
