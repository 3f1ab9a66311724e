package storetest

import "time"

func editionsKept(k kit) {
	none, err := k.s.Editions(k.ctx())
	k.must(err)
	k.same("editions at first", len(none), 0)
	k.must(k.s.SaveEdition(k.ctx(), "one", []byte("flows of one"), time.Hour))
	k.must(k.s.SaveEdition(k.ctx(), "two", []byte("flows of two"), 400*time.Millisecond))
	k.must(k.s.SaveEdition(k.ctx(), "one", []byte("flows of one"), time.Hour))
	both, err := k.s.Editions(k.ctx())
	k.must(err)
	k.same("editions", both, map[string][]byte{"one": []byte("flows of one"), "two": []byte("flows of two")})
	k.pass(200 * time.Millisecond)
	k.must(k.s.SaveEdition(k.ctx(), "one", []byte("flows of one"), time.Hour))
	k.pass(300 * time.Millisecond)
	one, err := k.s.Editions(k.ctx())
	k.must(err)
	k.same("editions that are left", one, map[string][]byte{"one": []byte("flows of one")})
	if k.s.SaveEdition(k.ctx(), "", nil, time.Hour) == nil || k.s.SaveEdition(k.ctx(), "x", nil, 0) == nil {
		k.Error("an edition without an id or a lifetime was taken")
	}
}
