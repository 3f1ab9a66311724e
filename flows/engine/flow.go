package engine

import "hotline/flows"

// flow is one flow file, read and linked.
type flow struct {
	name      string
	at        pos
	languages []string // the first is for callers who never chose
	channels  []flows.Channel
	audience  string // reporter or responder: whose phone it is
	start     target
	home      target // empty: start
	giveup    target
	tries     int    // wrong answers that are asked again
	steps     int    // answers after which a conversation ends by itself
	stray     string // verb that is given a wrong answer; empty: none
	words     []exit // whole answers that mean the same at every question
	longest   map[string]string
	texts     []string // used by verbs
	states    []*state // in the order of the file
	byName    map[string]*state
}

// state is one place in a flow.
type state struct {
	flow *flow
	name string
	path string // flow/state, as it stands in a trail
	at   pos

	ask, again, end prompt
	choices         []choice
	input           *input
	options         bool
	when            string // variable that decides
	is              []exit
	giveup          target
	noBack          bool
	resume          target // where a resumed conversation goes instead

	move    move // what follows an answer, unless the choice says otherwise
	screens [2]map[string]*screens
}

// asks reports whether the state waits for an answer.
func (st *state) asks() bool { return st.ask.set() }

// ends reports whether the state is a last screen.
func (st *state) ends() bool { return st.end.set() }

// prompt is the key of a text, which may differ by channel.
type prompt struct {
	ussd, sms string
	at        pos
}

func (p prompt) set() bool { return p.ussd != "" || p.sms != "" }

// key is the key of the text for a channel.
func (p prompt) key(ch int) string {
	if ch == onSMS && p.sms != "" {
		return p.sms
	}
	return p.ussd
}

// onUSSD and onSMS index what is prepared for each channel.
const (
	onUSSD = iota
	onSMS
)

func channelIndex(ch flows.Channel) int {
	if ch == flows.SMS {
		return onSMS
	}
	return onUSSD
}

// choice is one numbered line under a question.
type choice struct {
	key    string
	at     pos
	value  string
	label  string // key of the text
	hidden bool
	move   move
}

// input says what may be typed.
type input struct {
	as       string
	at       pos
	min, max int
}

// move is what an answer does and where it leads.
type move struct {
	at       pos
	set      []pair
	save     string
	language []pair // language now → language then
	do       string
	doAt     pos
	on       []exit
	next     target
}

// exit is one way out: an outcome or a value, and where it leads.
type exit struct {
	when string
	at   pos
	to   target
}

// targetKind says what a target means.
type targetKind int

const (
	toNowhere targetKind = iota // not written
	toState
	toAgain
	toBack
	toHome
)

// target is where to go: as written, and what it was found to mean.
type target struct {
	text  string
	at    pos
	kind  targetKind
	state *state
}

func (t target) set() bool { return t.text != "" }
