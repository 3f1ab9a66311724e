package storetest

import (
	"sync/atomic"
	"time"

	"hotline/flows"
)

func signinKept(k kit) {
	save := func(account, id, body string, fresh bool, keep time.Duration) error {
		return k.s.SaveSignin(k.ctx(), account, id, []byte(body), fresh, keep)
	}
	k.must(save("anna", "a1", "one", true, time.Hour))
	k.must(save("anna", "a2", "two", true, time.Hour))
	k.must(save("binh", "b1", "three", true, time.Hour))
	list, err := k.s.SigninList(k.ctx(), "anna")
	k.must(err)
	k.same("sessions", len(list), 2)
	k.must(save("anna", "a1", "one, seen again", false, time.Hour))
	body, err := k.s.Signin(k.ctx(), "a1")
	k.must(err)
	k.same("session", string(body), "one, seen again")

	k.must(save("anna", "a3", "three", true, 40*time.Millisecond))
	k.pass(60 * time.Millisecond)
	_, err = k.s.Signin(k.ctx(), "a3")
	k.want(err, flows.ErrNotFound)
	list, err = k.s.SigninList(k.ctx(), "anna")
	k.must(err)
	k.same("sessions after one expired", len(list), 2)

	k.must(k.s.EndSignin(k.ctx(), "anna", "b1")) // of somebody else
	_, err = k.s.Signin(k.ctx(), "b1")
	k.must(err)
	k.must(k.s.EndSignin(k.ctx(), "anna", "a1"))
	_, err = k.s.Signin(k.ctx(), "a1")
	k.want(err, flows.ErrNotFound)
	k.want(save("anna", "a1", "used meanwhile", false, time.Hour), flows.ErrNotFound)
	if save("", "x", "", true, time.Hour) == nil || save("anna", "x", "", true, 0) == nil {
		k.Error("a session without an account or a lifetime was taken")
	}
}

func attemptsWait(k kit) {
	waits := []time.Duration{0, 0, 2 * time.Second, 4 * time.Second}
	try := func(key string, now time.Time) time.Duration {
		w, err := k.s.Attempt(k.ctx(), key, now, waits, time.Hour)
		k.must(err)
		return w
	}
	for range 3 {
		k.same("the first answers", try("a", k.now), time.Duration(0))
	}
	k.same("the fourth", try("a", k.now.Add(500*time.Millisecond)), 1500*time.Millisecond)
	k.same("another key", try("b", k.now), time.Duration(0))
	k.same("after the wait", try("a", k.now.Add(2*time.Second)), time.Duration(0))
	k.same("it grows", try("a", k.now.Add(2*time.Second)), 4*time.Second)
	k.same("to the last", try("a", k.now.Add(6*time.Second)), time.Duration(0))
	k.same("and stays", try("a", k.now.Add(6*time.Second)), 4*time.Second)
	k.must(k.s.Forgive(k.ctx(), "a"))
	k.same("forgiven", try("a", k.now.Add(6*time.Second)), time.Duration(0))

	var free atomic.Int64
	together(20, func(int) {
		if w, err := k.s.Attempt(k.ctx(), "c", k.now, waits, time.Hour); err == nil && w == 0 {
			free.Add(1)
		}
	})
	k.same("of twenty at once may be looked at", free.Load(), int64(3))
	if _, err := k.s.Attempt(k.ctx(), "a", k.now, nil, time.Hour); err == nil {
		k.Error("an answer without waits was taken")
	}
}

func claimedOnce(k kit) {
	claim := func(what, who string, keep time.Duration) string {
		have, err := k.s.ClaimOnce(k.ctx(), what, who, keep)
		k.must(err)
		return have
	}
	k.same("the first", claim("link", "phone", time.Hour), "phone")
	k.same("the second", claim("link", "other", time.Hour), "phone")
	k.same("another thing", claim("link2", "other", time.Hour), "other")
	k.same("for a moment", claim("link3", "phone", 40*time.Millisecond), "phone")
	k.pass(60 * time.Millisecond)
	k.same("after its time", claim("link3", "other", time.Hour), "other")
	var won atomic.Int64
	together(20, func(i int) {
		if have, err := k.s.ClaimOnce(k.ctx(), "race", label(i), time.Hour); err == nil && have == label(i) {
			won.Add(1)
		}
	})
	k.same("winners", won.Load(), int64(1))
	if _, err := k.s.ClaimOnce(k.ctx(), "x", "", time.Hour); err == nil {
		k.Error("nobody claimed something")
	}
	if _, err := k.s.ClaimOnce(k.ctx(), "x", "y", 0); err == nil {
		k.Error("a claim without a lifetime was taken")
	}
}
