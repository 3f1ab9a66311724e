package duty

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"

	"hotline/flows"
	"hotline/flows/escalation"
)

// Book is what is under way between the hotline and its members about their duty.
// It is kept as one paper, compared and set as a whole. It holds no number.
type Book struct {
	Turns     []Confirmation         `json:"turns,omitempty"`
	Swaps     []Swapping             `json:"swaps,omitempty"`
	Codes     []Code                 `json:"codes,omitempty"`
	Drills    []Drill                `json:"drills,omitempty"` // under way
	Post      []Notice               `json:"post,omitempty"`
	Told      map[string]time.Time   `json:"told,omitempty"`      // what is told once
	Overrides []flows.Override       `json:"overrides,omitempty"` // decided, not in the directory yet
	Proven    []Proof                `json:"proven,omitempty"`    // sent back, not in the directory yet
	Feeds     map[flows.MemberID]int `json:"feeds,omitempty"`     // how often a member's calendar address was changed
	Last      int                    `json:"last"`                // number of the last notice
}

// Swapping is a turn that its member wants to give away.
type Swapping struct {
	Code  flows.Ref        `json:"code"`
	From  flows.MemberID   `json:"from"`
	Turn  escalation.Slot  `json:"turn"`
	Back  time.Time        `json:"back,omitzero"` // the day whose turn is offered to be taken back
	Asked []flows.MemberID `json:"asked"`         // who has not said no
	At    time.Time        `json:"at"`
}

// Code proves that a phone is a member's.
type Code struct {
	Member flows.MemberID `json:"member"`
	Phone  string         `json:"phone"` // PhoneMark of it
	Digits string         `json:"digits"`
	Sent   time.Time      `json:"sent"`
	Times  int            `json:"times"` // how often one was sent
	Wrong  int            `json:"wrong"` // answers that were not it
}

// Proof is a code that was sent back.
type Proof struct {
	Member flows.MemberID `json:"member"`
	Phone  string         `json:"phone"`
}

// Notice waits to leave. It goes to a phone that counts, or with Mark to one that
// does not yet.
type Notice struct {
	ID       int            `json:"id"`
	To       flows.MemberID `json:"to"`
	Mark     string         `json:"mark,omitempty"`
	Channel  flows.Channel  `json:"channel"`
	Language string         `json:"language"`
	Text     string         `json:"text"`
	Code     flows.Ref      `json:"code,omitempty"` // of the drill that it belongs to, or digits that a call reads out
	Due      time.Time      `json:"due"`
	Leased   time.Time      `json:"leased,omitzero"` // when somebody began to send it
	Tries    int            `json:"tries,omitempty"`
}

// PhoneMark names a member's phone in the book. Members' numbers stand in the
// directory beside it, so it need not be a secret; it is only no number.
func PhoneMark(p flows.Phone) string {
	sum := sha256.Sum256([]byte(p.E164()))
	return hex.EncodeToString(sum[:8])
}

// clone shares nothing that a step changes.
func (b Book) clone() Book {
	b.Turns, b.Swaps, b.Codes = slices.Clone(b.Turns), slices.Clone(b.Swaps), slices.Clone(b.Codes)
	b.Drills, b.Post = slices.Clone(b.Drills), slices.Clone(b.Post)
	for i := range b.Drills {
		b.Drills[i].Calls = slices.Clone(b.Drills[i].Calls)
	}
	for i := range b.Swaps {
		b.Swaps[i].Asked = slices.Clone(b.Swaps[i].Asked)
	}
	b.Overrides, b.Proven = slices.Clone(b.Overrides), slices.Clone(b.Proven)
	told := make(map[string]time.Time, len(b.Told)+1)
	maps.Copy(told, b.Told)
	b.Told = told
	return b
}

// once reports whether a thing was not told yet, and notes that it now is.
func (b *Book) once(now time.Time, key string) bool {
	if _, ok := b.Told[key]; ok {
		return false
	}
	b.Told[key] = now
	return true
}
