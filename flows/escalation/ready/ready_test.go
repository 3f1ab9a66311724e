package ready_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/escalation/duty"
	"hotline/flows/escalation/ready"
)

var zone = time.FixedZone("ICT", 7*3600)

// monday is the beginning of a week, at noon.
var monday = time.Date(2026, 11, 23, 12, 0, 0, 0, zone)

var week = []time.Weekday{1, 2, 3, 4, 5, 6, 0}

func phone(t *testing.T, s string) flows.Phone {
	t.Helper()
	p, err := flows.ParsePhone(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// district has a province and two communes, all staffed day and night.
func district(t *testing.T) flows.Directory {
	t.Helper()
	d := flows.Directory{
		Version: "ours", Province: "25@x", Zone: "Asia/Ho_Chi_Minh",
		Places: []flows.Place{{ID: "25@x", Name: "Phú Thọ", Type: "Tỉnh"}, {ID: "1@x", Name: "Mai Châu", Type: "Xã"}, {ID: "2@x", Name: "Pà Cò", Type: "Xã"}},
	}
	for i, p := range d.Places {
		level := flows.LevelDuty
		if i == 0 {
			level = flows.LevelDesk
		}
		m := flows.Member{ID: flows.MemberID("m" + p.ID.Code()), Name: "Lò Văn Inh", Place: p.ID, Level: level, Phones: []flows.Phone{phone(t, fmt.Sprintf("+8490000010%d", i))}}
		d.Members = append(d.Members, m)
		d.Shifts = append(d.Shifts, flows.Shift{Place: p.ID, Level: level, Member: m.ID, Days: week})
	}
	return d
}

// facts are those of a hotline that is live.
func facts(t *testing.T, d flows.Directory) ready.Facts {
	t.Helper()
	onDuty := func(flows.PlaceID, flows.Level, time.Time) []flows.Member { return nil }
	if len(d.Places) > 0 { // there is no roster of nothing
		r, err := escalation.NewRoster(d)
		if err != nil {
			t.Fatal(err)
		}
		onDuty = r.OnDuty
	}
	drill := duty.Drill{At: monday.AddDate(0, 0, -7), Calls: []duty.Call{
		{Place: "1@x", Sent: monday.AddDate(0, 0, -7), Answered: monday.AddDate(0, 0, -7).Add(time.Minute)},
		{Place: "2@x", Sent: monday.AddDate(0, 0, -7), Answered: monday.AddDate(0, 0, -7).Add(time.Minute)},
	}}
	return ready.Facts{Directory: d, OnDuty: onDuty, Zone: zone, Drills: []duty.Drill{drill}, Senders: 1}
}

// lines are what is missing, one a line.
func lines(steps []ready.Step) string {
	var list []string
	for _, s := range steps {
		for _, l := range s.Lacks {
			line := s.Name + ": " + l.What
			if l.Place.Name != "" {
				line += " " + l.Place.Name
			}
			if l.What == ready.LackHours {
				line += fmt.Sprintf(" %s %02d:%02d-%02d:%02d", l.Day, l.From/60, l.From%60, l.To/60, l.To%60)
				if !l.Weekly {
					line += l.Date.In(zone).Format(" on 2006-01-02")
				}
			}
			list = append(list, line)
		}
	}
	return strings.Join(list, "\n")
}

func TestWhatIsMissing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*testing.T, *flows.Directory)
		facts  func(*ready.Facts)
		want   string
	}{
		{name: "nothing", want: ""},
		{
			name:   "everything: an empty system",
			change: func(_ *testing.T, d *flows.Directory) { *d = flows.Directory{Zone: d.Zone} },
			facts:  func(f *ready.Facts) { f.Drills, f.Senders = nil, 0 },
			want:   "places: no_places\nalert: no_provider\nalert: no_drills",
		},
		{name: "the directory is the sample", facts: func(f *ready.Facts) { f.Sample = true }, want: "places: sample"},
		{
			name: "a commune has nobody on Saturday nights",
			change: func(_ *testing.T, d *flows.Directory) {
				d.Shifts[1].Days = []time.Weekday{1, 2, 3, 4, 5, 0}
				d.Shifts = append(d.Shifts, flows.Shift{Place: "1@x", Level: flows.LevelDuty, Member: "m1", Days: []time.Weekday{6}, To: 22 * 60})
			},
			want: "rota: nobody Mai Châu Saturday 22:00-24:00",
		},
		{
			name: "one night of one week",
			change: func(_ *testing.T, d *flows.Directory) {
				d.Overrides = []flows.Override{{Place: "2@x", Level: flows.LevelDuty, Start: monday.Add(10 * time.Hour), End: monday.Add(18 * time.Hour)}}
			},
			want: "rota: nobody Pà Cò Monday 22:00-30:00 on 2026-11-23",
		},
		{
			name:   "nobody is ever on duty",
			change: func(_ *testing.T, d *flows.Directory) { d.Shifts = slices.Delete(d.Shifts, 1, 2) },
			want:   "rota: nobody_ever Mai Châu",
		},
		{
			name: "a commune has no group",
			change: func(_ *testing.T, d *flows.Directory) {
				d.Members, d.Shifts = slices.Delete(d.Members, 2, 3), slices.Delete(d.Shifts, 2, 3)
			},
			want: "groups: no_group Pà Cò",
		},
		{
			name: "a member has no phone that counts",
			change: func(_ *testing.T, d *flows.Directory) {
				d.Members[1].Phones, d.Members[1].Unproven = nil, []flows.Unproven{{Phone: d.Members[1].Phones[0]}}
			},
			want: "groups: no_phone Mai Châu\nrota: nobody_ever Mai Châu", // nobody can be reached in an hour of theirs
		},
		{
			name:  "the last test alert is too old",
			facts: func(f *ready.Facts) { f.Drills[0].At = monday.AddDate(0, -4, 0) },
			want:  "alert: no_drills",
		},
		{
			name:  "one commune did not answer, one was not asked",
			facts: func(f *ready.Facts) { f.Drills[0].Calls = []duty.Call{{Place: "1@x"}} },
			want:  "alert: no_answer Mai Châu\nalert: no_drill Pà Cò",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := district(t)
			if c.change != nil {
				c.change(t, &d)
			}
			f := facts(t, d)
			if c.facts != nil {
				c.facts(&f)
			}
			steps := ready.Check(monday, f)
			if diff := cmp.Diff(lines(steps), c.want); diff != "" {
				t.Error(diff)
			}
			if got, want := ready.Live(steps), c.want == ""; got != want {
				t.Errorf("live: got %v, want %v", got, want)
			}
		})
	}
}
