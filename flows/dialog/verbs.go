package dialog

import (
	"context"
	"slices"
	"strings"

	"hotline/flows/engine"
)

// Names of the variables that flows and verbs share.
const (
	varDanger    = "danger"      // yes, no
	varKind      = "kind"        // a code of categories.yaml
	varAge       = "age"         // under6, 6-10, 11-15, 16-17, unsure
	varPlace     = "place"       // a flows.PlaceID
	varPlaceName = "place_name"  // as it is shown
	varGuess     = "guess"       // a place to be confirmed
	varWide      = "wide"        // a name that too many places fit, folded
	varHamlets   = "hamlets"     // marks of the hamlet that was named, for each place that may be meant
	varNarrow    = "narrow"      // what to ask to narrow it: a places.Narrow
	varContact   = "contact"     // yes, no, or the hours: morning, afternoon, evening
	varReceipt   = "receipt"     // only while the last screen is drawn
	varPIN       = "pin"         // only while the last screen is drawn
	varNumber    = "number"      // a receipt as typed
	varCode      = "code"        // its PIN as typed
	varStatus    = "status"      // what became of a report, in words
	varQuestion  = "question"    // what somebody at work on it wants to know
	varAbout     = "about"       // the case of that question
	varProved    = "proved"      // the case whose receipt and PIN were shown in this conversation
	varRef       = "ref"         // the case that a responder chose
	varWho       = "who"         // who took it first
	varAt        = "at"          // and when
	varNear      = "near"        // where to go for help in a commune: names and phones
	varPhones    = "near_phones" // the phones alone, for a text that others may read
)

// verb is one thing that a flow can ask for. Adding one is a function here, a
// line in the table, and a story.
type verb struct {
	outcomes []string
	do       func(st *step, ctx context.Context, input string) (string, error)
}

// verbs is the fixed list; nothing writes to it.
var verbs = map[string]verb{
	"file":        {[]string{"ok"}, (*step).file},
	"note":        {[]string{"ok"}, (*step).note},
	"stray":       {[]string{"ok"}, (*step).stray},
	"find_place":  {[]string{"found", "confirm", "list", "none"}, (*step).findPlace},
	"place_yes":   {[]string{"ok"}, (*step).placeYes},
	"pick_place":  {[]string{"ok", "none"}, (*step).pickPlace},
	"no_place":    {[]string{"ok"}, (*step).noPlace},
	"finish":      {[]string{"receipt", "nothing"}, (*step).finish},
	"look_up":     {[]string{"found", "unknown", "question"}, (*step).lookUp},
	"answer":      {[]string{"ok", "gone"}, (*step).answer},
	"my_alerts":   {[]string{"none", "some"}, (*step).myAlerts},
	"my_cases":    {[]string{"none", "some"}, (*step).myCases},
	"find_case":   {[]string{"open", "taken", "none"}, (*step).findCase},
	"on_site":     {[]string{"ok", "above", "refused"}, (*step).onSite},
	"raise":       {[]string{"ok", "above", "refused"}, (*step).raise},
	"lower":       {[]string{"ok", "above", "refused"}, (*step).lower},
	"colleagues":  {[]string{"some", "none", "refused"}, (*step).colleagues},
	"hand_over":   {[]string{"ok", "above", "refused"}, (*step).handOver},
	"close":       {[]string{"ok", "above", "refused"}, (*step).closeHeld},
	"take":        {[]string{"taken", "already", "refused"}, (*step).takeChosen},
	"decline":     {[]string{"declined", "already", "refused"}, (*step).declineChosen},
	"near":        {[]string{"found", "none", "unlisted"}, (*step).near},
	"as_reporter": {[]string{"ok"}, (*step).asReporter},
	"resume":      {[]string{"ok"}, (*step).resume},
	"anew":        {[]string{"ok"}, (*step).anew},
}

// Verbs is what flows may ask for, for the check before start.
func Verbs() []engine.VerbSpec {
	var specs []engine.VerbSpec
	for name, v := range verbs {
		specs = append(specs, engine.VerbSpec{Name: name, Outcomes: slices.Clone(v.outcomes)})
	}
	slices.SortFunc(specs, func(a, b engine.VerbSpec) int { return strings.Compare(a.Name, b.Name) })
	return specs
}

// set saves a variable of the session.
func (st *step) set(name, value string) {
	if st.sess.Vars == nil {
		st.sess.Vars = map[string]string{}
	}
	st.sess.Vars[name] = value
}

// isAge reports whether a string is one of the ages that a case may have.
func isAge(s string) bool {
	return slices.Contains([]string{"under6", "6-10", "11-15", "16-17", "unsure"}, s)
}
