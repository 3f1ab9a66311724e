package roster

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Preview says what replacing one directory by another would change, before it
// is done.
type Preview struct {
	Added   []flows.MemberID
	Removed []flows.MemberID
	Changed []flows.MemberID  // name, role, place, level or language
	Phones  []flows.MemberID  // whose phones change
	Silent  []flows.MemberID  // who would have no phone that counts
	Rota    int               // shifts, overrides, rotations and periods that are new or gone
	Missing []escalation.Post // posts that have members now and would have none
	Gaps    []escalation.Slot // stretches of the next fortnight that would be empty
}

// Compare makes a preview. Both directories must be valid.
func Compare(now time.Time, before, after flows.Directory) (Preview, error) {
	r, err := escalation.NewRoster(after)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Gaps: r.Gaps(now, 14)}
	old := byID(before.Members)
	next := byID(after.Members)
	for _, m := range after.Members {
		o, known := old[m.ID]
		switch {
		case !known:
			p.Added = append(p.Added, m.ID)
			continue
		case differs(o, m):
			p.Changed = append(p.Changed, m.ID)
		}
		if !slices.Equal(numbers(o), numbers(m)) {
			p.Phones = append(p.Phones, m.ID)
		}
	}
	for _, m := range before.Members {
		if _, stays := next[m.ID]; !stays {
			p.Removed = append(p.Removed, m.ID)
		}
	}
	p.Silent = Silent(after)
	p.Missing = missing(before.Members, after.Members)
	p.Rota = differ(before.Shifts, after.Shifts) + differ(before.Overrides, after.Overrides) +
		differ(before.Rotations, after.Rotations) + differ(before.Periods, after.Periods)
	return p, nil
}

func differs(o, m flows.Member) bool {
	return o.Name != m.Name || o.Role != m.Role || o.Place != m.Place || o.Level != m.Level || o.Language != m.Language ||
		o.From != m.From || o.Until != m.Until || !slices.Equal(o.Delegates, m.Delegates)
}

// numbers are all phones of a member, those too that do not count yet.
func numbers(m flows.Member) []flows.Phone {
	for len(m.Unproven) > 0 {
		m, _ = m.Prove(m.Unproven[0].Phone)
	}
	return m.Phones
}

func byID(members []flows.Member) map[flows.MemberID]flows.Member {
	m := make(map[flows.MemberID]flows.Member, len(members))
	for _, x := range members {
		m[x.ID] = x
	}
	return m
}

func missing(before, after []flows.Member) []escalation.Post {
	has := map[escalation.Post]bool{}
	for _, m := range after {
		has[escalation.Post{Place: m.Place, Level: m.Level}] = true
	}
	var posts []escalation.Post
	for _, m := range before {
		post := escalation.Post{Place: m.Place, Level: m.Level}
		if !has[post] && !slices.Contains(posts, post) {
			posts = append(posts, post)
		}
	}
	slices.SortFunc(posts, func(a, b escalation.Post) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Level, b.Level))
	})
	return posts
}

// differ counts the entries that are in one list only.
func differ[T any](before, after []T) int {
	count := map[string]int{}
	for _, x := range before {
		count[fmt.Sprint(x)]++
	}
	for _, x := range after {
		count[fmt.Sprint(x)]--
	}
	n := 0
	for _, c := range count {
		n += max(c, -c)
	}
	return n
}

// title is who a post without anybody lacks.
func title(l flows.Level) string {
	return []string{"a provincial desk", "a duty member", "a head", "a chair", "a department officer", "a committee member"}[l]
}

// Some names the first few.
func Some(ids []flows.MemberID) string {
	const most = 5
	var names []string
	for _, id := range ids[:min(len(ids), most)] {
		names = append(names, string(id))
	}
	if len(ids) > most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}

// Lines is the preview for people, the most important first.
func (p Preview) Lines() []string {
	var lines []string
	for _, m := range p.Missing {
		lines = append(lines, fmt.Sprintf("%s is left without %s", m.Place.Code(), title(m.Level)))
	}
	if len(p.Silent) > 0 {
		lines = append(lines, fmt.Sprintf("members without a verified phone, who get no alerts until they send back their code: %d (%s)", len(p.Silent), Some(p.Silent)))
	}
	for _, g := range p.Gaps {
		lines = append(lines, fmt.Sprintf("%s level %d: nobody on duty from %s to %s", g.Place.Code(), g.Level,
			g.Start.Format("2006-01-02 15:04"), g.End.Format("2006-01-02 15:04")))
	}
	for _, c := range []struct {
		what string
		ids  []flows.MemberID
	}{
		{"added", p.Added}, {"removed", p.Removed}, {"changed", p.Changed}, {"with other phones", p.Phones},
	} {
		if len(c.ids) > 0 {
			lines = append(lines, fmt.Sprintf("members %s: %d (%s)", c.what, len(c.ids), Some(c.ids)))
		}
	}
	if p.Rota > 0 {
		lines = append(lines, fmt.Sprintf("entries of the rota that are new or gone: %d", p.Rota))
	}
	if len(lines) == 0 {
		lines = append(lines, "nothing changes")
	}
	return lines
}
