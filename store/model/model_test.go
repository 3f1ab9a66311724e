package model_test

import (
	"strings"
	"testing"
	"time"
)

// mutation breaks the protocol in one place.
type mutation struct {
	script      breakage
	unsettled   bool // a result is recorded without taking the message off the outbox
	unnamed     bool // commits carry no command id
	unarmed     bool // the ladder sets no next timer
	takesTimers bool // reading due timers removes them
	renamed     bool // a resend has another attempt
	impatient   bool // nobody waits for a replica
	forgetful   bool // a repeated reply does not wait for one
	unordered   bool // one process writes down what it committed in any order
	rash        bool // and sends before the disk has it
	hasty       bool // nobody waits for the disk
	careless    bool // a start does not look at what the journal lacks
	unmarked    bool // what a journal brings back is not marked as a possible repeat
	early       time.Duration
	bare        bool // conversations go by the number itself
	unsealed    bool // what a reporter wrote is kept as it is
	feeds       bool // the feed of live pages names the reporter
	talkative   bool // an alert tells the story
	choosy      bool // a report without a place is not taken
	unreasoned  bool // decisions give no reason
	astray      bool // a member of another commune is asked
	blabs       bool // the office of the official is asked
}

const (
	one = "+84911000001"
	two = "+84911000002"
)

func scenarios() map[string]scenario {
	m := time.Minute
	all := []scenario{
		{
			name:    "a text comes twice at once",
			actors:  []actor{{"text from one", texts(one), 1, false}, {"text from one again", texts(one), 2, false}},
			moments: []time.Duration{0}, journal: true,
			faults: faults{Kills: 1, Resends: 1, Losses: 1, Wipes: 1},
		},
		{
			name:    "two texts draw the same reference",
			actors:  []actor{{"text from one", texts(one), 1, false}, {"text from two", texts(two), 2, false}},
			moments: []time.Duration{0}, same: true,
			faults: faults{Kills: 1, Resends: 1},
		},
		{
			name:    "a text names no place that we know",
			actors:  []actor{{"text from one", says(one, fromNowhere), 1, false}, {"ladder", climbs, 3, true}},
			moments: []time.Duration{0, 5 * m}, journal: true,
			faults: faults{Losses: 1},
		},
		{
			name: "a report is about somebody who holds office", filed: true, against: true,
			actors:  []actor{{"ladder", climbs, 3, true}, {"head", takes("head"), 5, false}},
			moments: []time.Duration{0, 30 * m}, journal: true,
			faults: faults{Kills: 1},
		},
		{
			name: "two people take a case while it climbs", filed: true,
			actors:  []actor{{"ladder", climbs, 3, true}, {"duty", takes("duty"), 4, false}, {"head", takes("head"), 5, false}},
			moments: []time.Duration{0, 5 * m},
			faults:  faults{Kills: 1, Resends: 1},
		},
		{
			name: "two workers climb", filed: true,
			actors:  []actor{{"ladder", climbs, 3, true}, {"ladder two", climbs, 4, true}},
			moments: []time.Duration{0, 5 * m, 15 * m},
			faults:  faults{Kills: 1, Resends: 1, Losses: 1},
		},
		{
			name: "two workers send", filed: true,
			actors:  []actor{{"mail", sends, 3, true}, {"mail two", sends, 4, true}},
			moments: []time.Duration{0, lease, 2 * m},
			faults:  faults{Kills: 1},
		},
		{
			name: "a provider refuses and is in doubt", filed: true,
			actors:  []actor{{"mail", sends, 3, true}},
			moments: []time.Duration{0, lease, 2 * m, 5 * m},
			faults:  faults{Kills: 1, Resends: 1, Losses: 1, Refusals: 1, Doubts: 1},
		},
		{
			name:    "Redis is lost between the text and the provider",
			actors:  []actor{{"text from one", texts(one), 1, false}, {"mail", sends, 3, true}},
			moments: []time.Duration{0, 2 * m}, journal: true,
			faults: faults{Wipes: 1},
		},
		{
			name: "Redis is lost while a case climbs", filed: true,
			actors:  []actor{{"ladder", climbs, 3, true}, {"duty", takes("duty"), 4, false}},
			moments: []time.Duration{0, 5 * m, 10 * m}, journal: true,
			faults: faults{Kills: 1, Wipes: 1, Restores: 1},
		},
		{
			name: "one process without Redis sends", filed: true, sole: true, journal: true,
			actors:  []actor{{"mail", sends, 3, true}, {"ladder", climbs, 4, true}},
			moments: []time.Duration{0, 5 * m},
			faults:  faults{Kills: 1},
		},
		{
			name: "one process without Redis is answered", filed: true, sole: true, journal: true,
			actors:  []actor{{"ladder", climbs, 4, true}, {"duty", takes("duty"), 5, false}, {"head", takes("head"), 6, false}},
			moments: []time.Duration{0, 5 * m},
			faults:  faults{Kills: 2},
		},
		{
			name: "a replica takes over while a case is taken", replica: true, filed: true,
			actors:  []actor{{"ladder", climbs, 3, true}, {"duty", takes("duty"), 4, false}},
			moments: []time.Duration{0, 5 * m},
			faults:  faults{Losses: 1, Failover: 1},
		},
		{
			name: "a replica takes over", replica: true,
			actors:  []actor{{"text from one", texts(one), 1, false}, {"text from one again", texts(one), 2, false}, {"ladder", climbs, 3, true}},
			moments: []time.Duration{0, 5 * m},
			faults:  faults{Losses: 2, Failover: 1},
		},
	}
	byName := map[string]scenario{}
	for _, s := range all {
		byName[s.name] = s
	}
	return byName
}

// TestEveryOrderKeepsThePromises explores all scenarios.
func TestEveryOrderKeepsThePromises(t *testing.T) {
	for name, s := range scenarios() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if thin {
				s.faults.Losses, s.faults.Kills = s.faults.Losses/2, min(s.faults.Kills, 1-s.faults.Resends)
			}
			got := newWorld(t, s, mutation{}).explore()
			if got.bad != nil {
				t.Fatal(got)
			}
			t.Log(got)
		})
	}
}

// anyWrite is how commit.lua writes what Go found to differ, and but is the same
// without a command on a key.
const anyWrite = `call(ARGV[at + 1], KEYS[key], unpack(ARGV, at + 2, last))`

func but(command, key string) string {
	return `if ARGV[at + 1] ~= "` + command + `" or not find(KEYS[key], ":` + key + `", 1, true) then ` + anyWrite + " end"
}

// onlyNewTimers writes the same but leaves a case where it stands among the timers.
const onlyNewTimers = `if ARGV[at + 1] == "ZADD" and find(KEYS[key], ":timers", 1, true) then
  call("ZADD", KEYS[key], "NX", unpack(ARGV, at + 2, last))
else ` + anyWrite + " end"

// TestEveryRuleCanFail breaks the protocol, each time in one place, and wants the
// explorer to say what follows.
func TestEveryRuleCanFail(t *testing.T) {
	all := scenarios()
	for _, c := range []struct {
		name, in string
		broken   mutation
		want     string
	}{
		{
			"the version is not compared", "two people take a case while it climbs",
			mutation{script: breakage{"commit", "if have ~= read then return again(-1) end", ""}},
			"two people were told",
		},
		{
			"a command is not remembered", "a provider refuses and is in doubt",
			mutation{script: breakage{"commit", "  if found then\n    local who, of = match(commands", "  if false then\n    local who, of = match(commands"}},
			"the timeline says",
		},
		{
			"a resend has another name", "a provider refuses and is in doubt", mutation{renamed: true, unnamed: true}, "the timeline says",
		},
		{
			"a turn is not remembered", "a text comes twice at once",
			mutation{script: breakage{"commit", `local life = ARGV[at + 4]`, `local life = "0"`}},
			"answered in two ways",
		},
		{
			"a timer is not set", "two workers climb",
			mutation{script: breakage{"commit", anyWrite, but("ZADD", "timers")}},
			"workers find",
		},
		{
			"a timer stays that was handled", "two people take a case while it climbs",
			mutation{script: breakage{"commit", anyWrite, onlyNewTimers}},
			"workers find",
		},
		{"a timer is taken when it is read", "two workers climb", mutation{takesTimers: true}, "workers find"},
		{"the ladder sets no next timer", "two workers climb", mutation{unarmed: true}, "an open case has no timer"},
		{"a timer fires early", "two workers climb", mutation{early: 5 * time.Minute}, "before anything was due"},
		{
			"a claim takes the message away", "two workers send",
			mutation{script: breakage{"claim", `redis.call("ZADD", KEYS[1], string.format("%.0f", back), id)`, `redis.call("ZREM", KEYS[1], id)`}},
			"will never leave",
		},
		{
			"a message that leaves is not noted", "two workers send",
			mutation{script: breakage{"leave", `redis.call("HINCRBY", KEYS[2], ARGV[1] .. "#", 1)`, ""}},
			"left twice, not marked",
		},
		{
			"a message is put back that somebody else has", "two workers send",
			mutation{script: breakage{"retry", "if not at or tonumber(at) ~= tonumber(ARGV[4]) then return 0 end\n", "if not at then return 0 end\n"}},
			"left twice, not marked",
		},
		{
			"a message leaves that somebody else has settled", "two workers send",
			mutation{script: breakage{"leave", "if not at or tonumber(at) ~= tonumber(ARGV[2]) then return 0 end\n", ""}},
			"left twice, not marked",
		},
		{"a message stays that was sent", "a provider refuses and is in doubt", mutation{unsettled: true}, "after"},
		{
			"a reference may be claimed twice", "two texts draw the same reference",
			mutation{script: breakage{"commit", "  if owner and owner ~= id then return again(tonumber(ARGV[claim + 2 * i])) end\n", ""}},
			"leads to another case",
		},
		{"nobody waits for the disk", "Redis is lost between the text and the provider", mutation{hasty: true}, "the journal has 0"},
		{"a start does not look at what the journal lacks", "Redis is lost while a case climbs", mutation{careless: true}, "is neither out nor waiting"},
		{"what a journal brings back is not marked", "one process without Redis sends", mutation{unmarked: true}, "left twice, not marked"},
		{"changes are written down in any order", "one process without Redis is answered", mutation{unordered: true}, "is neither out nor waiting"},
		{"a message leaves before the disk has its case", "one process without Redis sends", mutation{rash: true}, "left twice, not marked"},
		{
			"a restore goes back", "Redis is lost while a case climbs",
			mutation{script: breakage{"restore", "if have and tonumber(have) >= version then return 0 end", ""}},
			"went from version",
		},
		{
			"a restore forgets the timers", "Redis is lost while a case climbs",
			mutation{script: breakage{"restore", `call("ZADD", KEYS[1], ARGV[6], id) end`, "end"}},
			"workers find",
		},
		{"conversations go by the number", "a text comes twice at once", mutation{bare: true}, "holds a reporter's number or words"},
		{"words are kept as they are", "a text comes twice at once", mutation{unsealed: true}, "holds a reporter's number or words"},
		{"the feed names the reporter", "a text comes twice at once", mutation{feeds: true}, "the feed holds"},
		{"an alert tells the story", "Redis is lost between the text and the provider", mutation{talkative: true}, "reporter's number or words"},
		{"a report without a place is not taken", "a text names no place that we know", mutation{choosy: true}, "ended without a case"},
		{
			"a reference that is taken turns the reporter away", "two texts draw the same reference",
			mutation{script: breakage{"commit", "return again(tonumber(ARGV[claim + 2 * i])) end\n", "return {1, false} end\n"}},
			"were told that their report is here",
		},
		{"a decision gives no reason", "two workers climb", mutation{unreasoned: true}, "without a reason"},
		{"a member of another commune is asked", "two workers climb", mutation{astray: true}, "is none of theirs"},
		{"the office of the official is asked", "a report is about somebody who holds office", mutation{blabs: true}, "is none of theirs"},
		{"nobody waits for a replica", "a replica takes over", mutation{impatient: true}, "were told that their report is here"},
		{"a repeated reply does not wait for a replica", "a replica takes over", mutation{forgetful: true}, "were told that their report is here"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, ok := all[c.in]
			if !ok {
				t.Fatalf("there is no scenario %q", c.in)
			}
			got := newWorld(t, s, c.broken).explore()
			if got.bad == nil || !strings.Contains(got.bad.Error(), c.want) {
				t.Fatalf("got %v, want a way to: %s", got, c.want)
			}
			t.Logf("found in %d states, by %d steps: %v", got.states, len(got.way), got.bad)
		})
	}
}
