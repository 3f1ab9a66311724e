package timing

import (
	"fmt"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Commune is the place of the people that World invents.
const Commune = flows.PlaceID("99999@2025-07-01")

// World is a world with one commune in which everybody is always on duty, for
// measurements that must not depend on a directory.
func World(p *escalation.Policy, c *escalation.Calendar, texts flows.Texts) (escalation.World, error) {
	const province = flows.PlaceID("99@2025-07-01")
	d := flows.Directory{
		Version: "bench", Province: province, Zone: "Asia/Ho_Chi_Minh",
		Places: []flows.Place{{ID: Commune, Name: "Bench"}},
	}
	for l := flows.LevelDesk; l <= flows.LevelCommittee; l++ {
		phone, err := flows.ParsePhone(fmt.Sprintf("+8490000%04d", l))
		if err != nil {
			return escalation.World{}, err
		}
		m := flows.Member{ID: flows.MemberID(fmt.Sprintf("bench-%d", l)), Name: "Bench", Place: Commune, Level: l, Phones: []flows.Phone{phone}, Language: "vi"}
		if escalation.Provincial(l) {
			m.Place = province
		}
		d.Members = append(d.Members, m)
		d.Shifts = append(d.Shifts, flows.Shift{
			Place: m.Place, Level: l, Member: m.ID, To: 24 * 60,
			Days: []time.Weekday{0, 1, 2, 3, 4, 5, 6},
		})
	}
	r, err := escalation.NewRoster(d)
	return escalation.World{Policy: p, Roster: r, Calendar: c, Texts: texts}, err
}
