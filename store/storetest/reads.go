package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"hotline/flows"
	"hotline/store"
)

func feedCursor(k kit) {
	var filed []flows.CaseID
	for i := range 6 {
		at := k
		at.now = k.now.Add(time.Duration(i) * time.Second)
		filed = append(filed, at.file(i%k.s.Partitions()).ID)
	}
	entries, cursor, err := k.s.Tail(k.ctx(), nil, 100)
	k.must(err)
	var got []flows.CaseID
	for _, e := range entries {
		got = append(got, e.Case)
	}
	k.same("all from the beginning", got, filed)

	entries, cursor, err = k.s.Tail(k.ctx(), cursor, 100)
	k.must(err)
	k.same("nothing new", len(entries), 0)
	now, err := k.s.Now(k.ctx())
	k.must(err)
	k.same("the end", now, cursor)

	c, _ := k.route(k.read(filed[0]), "m1")
	entries, _, err = k.s.Tail(k.ctx(), k.s.ParseCursor(cursor.String()), 100)
	k.must(err)
	k.same("what is new", len(entries), 1)
	k.same("its event", entries[0], store.Entry{Case: c.ID, Event: flows.Event{
		At: k.now, Kind: flows.EventAlerted, By: "m1", Message: c.Alerts[0].ID, Level: flows.LevelDuty,
	}})
	for _, bad := range []string{"", "1-1", strings.Repeat("x,", k.s.Partitions()), "1-1,$,2,3"} {
		if c := k.s.ParseCursor(bad); c != nil {
			k.Errorf("cursor %q is read as %v", bad, c)
		}
	}
}

func directoryReplaced(k kit) {
	var d flows.Directory
	Fill(&d) // every field, also those that are added one day
	d.Version = "one"
	version, err := k.s.DirectoryVersion(k.ctx())
	k.must(err)
	k.same("version before", version, "")
	k.must(k.s.ReplaceDirectory(k.ctx(), "", d))
	got, err := k.s.Directory(k.ctx())
	k.must(err)
	k.same("members' number", got.Members[0].Phones[0].E164(), d.Members[0].Phones[0].E164())
	if !reflect.DeepEqual(got, d) {
		k.Errorf("directory %+v, want %+v", got, d)
	}

	second := d
	second.Version = "two"
	k.want(k.s.ReplaceDirectory(k.ctx(), "", second), flows.ErrConflict)
	k.must(k.s.ReplaceDirectory(k.ctx(), "one", second))
	k.must(k.s.ReplaceDirectory(k.ctx(), "one", second)) // sent twice
	version, err = k.s.DirectoryVersion(k.ctx())
	k.must(err)
	k.same("version after", version, "two")
	second.Version = ""
	if err := k.s.ReplaceDirectory(k.ctx(), "two", second); err == nil {
		k.Error("a directory without a version is taken")
	}
}

func manyAtOnce(k kit) {
	var changes []flows.Change
	for i := range 40 {
		changes = append(changes, k.draft(i%k.s.Partitions()))
	}
	stale := changes[7]
	stale.From = 3
	changes = append(changes, stale)
	for i, err := range k.s.CommitAll(k.ctx(), changes) {
		if i < 40 {
			k.must(err)
		} else {
			k.want(err, flows.ErrConflict)
		}
	}
	var all []flows.CaseID
	for _, ch := range changes[:40] {
		all = append(all, ch.Case.ID)
	}
	absent := k.id(0)
	cases, err := k.s.Cases(k.ctx(), append([]flows.CaseID{absent, "x"}, all...))
	k.must(err)
	k.same("order", ids(cases), append([]flows.CaseID{"", ""}, all...))

	due, next, err := k.s.DueAll(k.ctx(), k.now.Add(3*time.Minute), 100)
	k.must(err)
	k.same("due and next", fmt.Sprint(len(due), next.IsZero()), "40 true")
	due, next, err = k.s.DueAll(k.ctx(), k.now, 100)
	k.must(err)
	k.same("due before", len(due), 0)
	k.same("next", next, k.now.Add(3*time.Minute))
}
