package storetest

import (
	"slices"

	"hotline/flows"
)

func papersSaved(k kit) {
	body, version, err := k.s.Paper(k.ctx(), "duty")
	k.must(err)
	k.same("version before", version, int64(0))
	k.same("body before", string(body), "")
	k.must(k.s.SavePaper(k.ctx(), "duty", 0, []byte("first")))
	k.must(k.s.SavePaper(k.ctx(), "duty", 0, []byte("first"))) // sent twice
	k.want(k.s.SavePaper(k.ctx(), "duty", 0, []byte("other")), flows.ErrConflict)
	k.must(k.s.SavePaper(k.ctx(), "duty", 1, []byte("second")))
	k.want(k.s.SavePaper(k.ctx(), "duty", 1, []byte("third")), flows.ErrConflict)
	body, version, err = k.s.Paper(k.ctx(), "duty")
	k.must(err)
	k.same("version", version, int64(2))
	k.same("body", string(body), "second")
	k.must(k.s.SavePaper(k.ctx(), "policy:one", 0, nil))
	names, err := k.s.Papers(k.ctx(), "policy:")
	k.must(err)
	k.same("names", slices.Equal(names, []string{"policy:one"}), true)

	k.must(k.s.RestorePaper(k.ctx(), "duty", 2, []byte("old")))
	k.must(k.s.RestorePaper(k.ctx(), "drill", 7, []byte("drill")))
	body, version, err = k.s.Paper(k.ctx(), "drill")
	k.must(err)
	k.same("restored", string(body), "drill")
	k.same("restored version", version, int64(7))
	body, _, err = k.s.Paper(k.ctx(), "duty")
	k.must(err)
	k.same("what is there stays", string(body), "second")
	if k.s.SavePaper(k.ctx(), "", 0, nil) == nil {
		k.Error("a paper without a name was taken")
	}
}
