package storetest

import "time"

func editionsKept(k kit) {
	none, err := k.s.Editions(k.ctx())
	k.must(err)
	k.same("editions at first", len(none), 0)
	k.must(k.s.SaveEdition(k.ctx(), "one", []byte("flows of one"), time.Hour))
	k.must(k.s.SaveEdition(k.ctx(), "two", []byte("flows of two"), time.Hour))
	k.must(k.s.SaveEdition(k.ctx(), "one", []byte("flows of one"), time.Hour))
	both, err := k.s.Editions(k.ctx())
	k.must(err)
	k.same("editions", both, map[string][]byte{"one": []byte("flows of one"), "two": []byte("flows of two")})
	// What is short-lived is only looked for when its time is over: no machine is too
	// slow for that.
	k.must(k.s.SaveEdition(k.ctx(), "brief", []byte("flows of a moment"), 40*time.Millisecond))
	k.must(k.s.SaveEdition(k.ctx(), "brief, saved again", []byte("flows"), 40*time.Millisecond))
	k.must(k.s.SaveEdition(k.ctx(), "brief, saved again", []byte("flows"), time.Hour))
	k.pass(60 * time.Millisecond)
	left, err := k.s.Editions(k.ctx())
	k.must(err)
	both["brief, saved again"] = []byte("flows")
	k.same("editions that are left", left, both)
	if k.s.SaveEdition(k.ctx(), "", nil, time.Hour) == nil || k.s.SaveEdition(k.ctx(), "x", nil, 0) == nil {
		k.Error("an edition without an id or a lifetime was taken")
	}
}
