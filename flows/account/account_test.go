package account_test

import (
	"encoding/base32"
	"strings"
	"testing"
	"time"

	"hotline/flows"
	"hotline/flows/access"
	"hotline/flows/account"
)

// The vectors of RFC 4226 appendix D and RFC 6238 appendix B (SHA-1, the last six
// of their eight digits).
func TestCodesAreThoseOfTheStandard(t *testing.T) {
	secret := []byte("12345678901234567890")
	for step, want := range []string{"755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"} {
		if got := account.Code(secret, int64(step)); got != want {
			t.Errorf("step %d: got %s, want %s", step, got, want)
		}
	}
	for unix, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := account.Code(secret, account.Step(time.Unix(unix, 0))); got != want {
			t.Errorf("at %d: got %s, want %s", unix, got, want)
		}
	}
}

func TestCodeIsGoodOnceAndNearItsTime(t *testing.T) {
	secret, now := []byte("12345678901234567890"), time.Unix(1234567890, 0)
	s := account.Step(now)
	for name, test := range map[string]struct {
		step, last int64
		ok         bool
	}{
		"now":                   {s, 0, true},
		"a clock 30 s behind":   {s - 1, 0, true},
		"a clock 30 s ahead":    {s + 1, 0, true},
		"a minute old":          {s - 2, 0, false},
		"used already":          {s, s, false},
		"older than the used":   {s - 1, s, false},
		"newer than the used":   {s + 1, s, true},
		"of the year before":    {s - 1_000_000, 0, false},
		"a clock a minute fast": {s + 2, 0, false},
	} {
		got, ok := account.Match(secret, account.Code(secret, test.step), now, test.last)
		if ok != test.ok || ok && got != test.step {
			t.Errorf("%s: got step %d, %v", name, got, ok)
		}
	}
	for _, bad := range []string{"", "0", "abcdef", "0059240", "00592"} {
		if _, ok := account.Match(secret, bad, now, 0); ok {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, ok := account.Match(secret, " 005 924 ", now, 0); !ok {
		t.Error("a code with spaces was refused")
	}
}

func TestSecretForTheApp(t *testing.T) {
	secret := []byte("12345678901234567890")
	text := account.SecretText(secret)
	back, err := base32.StdEncoding.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil || string(back) != string(secret) {
		t.Errorf("%q does not lead back: %v", text, err)
	}
	want := "otpauth://totp/Duong%20day:mo.ha?issuer=Duong%20day&secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
	if got := account.KeyURI("Duong day", "mo.ha", secret); got != want {
		t.Errorf("got %s", got)
	}
}

func TestPasswords(t *testing.T) {
	for password, want := range map[string]string{
		"ban lac co 12 mai nha":       "",
		"trời mưa ở pà cò":            "",
		"xK9#mQ2$vL":                  "",
		"short":                       "short",
		"chín chữ!":                   "short",
		strings.Repeat("dài lắm", 40): "long",
		"ha.thi.mo-1990":              "name",
		"Password123!":                "common",
		"matkhau2026":                 "common",
		"matkhaumatkhau":              "common",
		"1234567890":                  "common",
		"qwertyuiop":                  "common",
		"aaaaaaaaaaaa":                "common",
		"abababababab":                "common",
		"1q2w3e4r5t6y":                "common",
	} {
		if got := account.Weak(password, "ha.thi.mo"); got != want {
			t.Errorf("%q: got %q, want %q", password, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{" Ha.Thi.Mo ": "ha.thi.mo", "ab": "", "hà": "", "a b c": "", "<script>": "", "desk-1": "desk-1", strings.Repeat("a", 33): ""} {
		if got, ok := account.ParseName(in); ok != (want != "") || ok && got != want {
			t.Errorf("%q: got %q, %v", in, got, ok)
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	began := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	l := account.Limits{Idle: time.Hour, Longest: 12 * time.Hour}
	for name, test := range map[string]struct {
		s    account.Session
		at   time.Duration
		want bool
	}{
		"in use":               {account.Session{Stage: account.StageWithin, Seen: began.Add(3 * time.Hour)}, 3*time.Hour + 59*time.Minute, true},
		"idle":                 {account.Session{Stage: account.StageWithin, Seen: began}, time.Hour, false},
		"too long":             {account.Session{Stage: account.StageWithin, Seen: began.Add(12 * time.Hour)}, 12 * time.Hour, false},
		"the code is awaited":  {account.Session{Stage: account.StageCode, Seen: began}, 9 * time.Minute, true},
		"the code is too late": {account.Session{Stage: account.StageCode, Seen: began}, 10 * time.Minute, false},
	} {
		test.s.Began = began
		if got := test.s.Alive(began.Add(test.at), l); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

func TestWaitsGrowAndStartLate(t *testing.T) {
	w := account.Waits()
	if w[0]+w[1]+w[2] != 0 {
		t.Error("somebody who mistypes must wait")
	}
	for i := 1; i < len(w); i++ {
		if w[i] < w[i-1] {
			t.Errorf("wait %d is shorter than the one before", i)
		}
	}
	var day time.Duration
	tries := 0
	for day < 24*time.Hour {
		day += w[min(tries, len(w)-1)]
		tries++
	}
	if tries > 110 {
		t.Errorf("%d guesses a day from one address", tries)
	}
}

func TestInvitations(t *testing.T) {
	v, now := newVault(t), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	in := account.Invitation{Role: access.Supervisor, Member: "tinh-desk-1", By: "op"}
	code, err := account.NewInvitation(now, in, v, zeros{})
	if err != nil {
		t.Fatal(err)
	}
	if len(code) > 90 {
		t.Errorf("the code has %d letters", len(code))
	}
	got, ok := account.ParseInvitation(now.Add(47*time.Hour), " "+strings.ToUpper(code)+"\n", v)
	if !ok || got.Role != in.Role || got.Member != in.Member || got.By != "op" || got.Name != "" || got.Nonce == "" {
		t.Errorf("got %+v, %v", got, ok)
	}
	if _, ok := account.ParseInvitation(now.Add(48*time.Hour), code, v); ok {
		t.Error("an old code was taken")
	}
	if _, ok := account.ParseInvitation(now, code, newVault(t)); ok {
		t.Error("a code of another hotline was taken")
	}
	for i := range code {
		if code[i] == '-' {
			continue
		}
		changed := code[:i] + string("ab"[btoi(code[i] == 'a')]) + code[i+1:]
		if _, ok := account.ParseInvitation(now, changed, v); ok {
			t.Errorf("letter %d can be changed", i)
		}
	}
	if _, err := account.NewInvitation(now, account.Invitation{Role: "king"}, v, zeros{}); err == nil {
		t.Error("a role that does not exist was invited")
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func FuzzParseInvitation(f *testing.F) {
	v, now := newVault(f), time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	code, err := account.NewInvitation(now, account.Invitation{Role: access.Auditor}, v, zeros{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(code)
	f.Fuzz(func(t *testing.T, s string) {
		if in, ok := account.ParseInvitation(now, s, v); ok && in.Role != access.Auditor {
			t.Errorf("%q became an invitation: %+v", s, in)
		}
	})
}

func TestWhoMayInviteWhom(t *testing.T) {
	places := access.NewPlaces(flows.Directory{Province: "north", Places: []flows.Place{{ID: "north"}, {ID: "south"}, {ID: "mai-chau", Parent: "north"}}})
	desk := access.OfMember(flows.Member{ID: "desk", Place: "north", Level: flows.LevelDesk})
	head := access.OfMember(flows.Member{ID: "head", Place: "mai-chau", Level: flows.LevelHead})
	operator, auditor := access.Who{Account: "op", Role: access.Operator}, access.Who{Account: "au", Role: access.Auditor}
	for name, test := range map[string]struct {
		who  access.Who
		role access.Role
		at   flows.PlaceID
		want bool
	}{
		"a desk, a responder below":         {desk, access.Responder, "mai-chau", true},
		"a desk, a colleague":               {desk, access.Supervisor, "north", true},
		"a desk, somebody elsewhere":        {desk, access.Supervisor, "south", false},
		"a desk, an auditor":                {desk, access.Auditor, "", true},
		"an operator, an operator":          {operator, access.Operator, "", true},
		"an operator, a supervisor":         {operator, access.Supervisor, "north", false},
		"an operator, an auditor of theirs": {operator, access.Auditor, "", false},
		"a head, a responder":               {head, access.Responder, "mai-chau", false},
		"an auditor, anybody":               {auditor, access.Operator, "", false},
	} {
		if got := account.MayInvite(test.who, test.role, places.Of(test.at)); got != test.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
