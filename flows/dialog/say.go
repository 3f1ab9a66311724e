package dialog

import (
	"strconv"

	"hotline/flows"
)

// Two machines that answer each other would never stop. The count of equal
// replies is kept in the session.
const (
	varSaid  = "said"  // digest of the last reply
	varTimes = "times" // how often in a row it was given
	varSince = "since" // when first
)

// say sets the reply of a text, unless it has been the same too often: then
// nothing is said. What was received is filed all the same.
func (st *step) say(text string) {
	st.sess.Screen = flows.Reply{Text: text, End: true}
	if st.looping(text) {
		st.sess.Screen.Text = ""
	}
	st.reply = st.sess.Screen
}

// looping counts equal replies in a row.
func (st *step) looping(text string) bool {
	digest := st.Keys.Digest("said", text)
	times, since := 0, flows.Millis(st.now)
	if st.sess.Vars[varSaid] == digest {
		first, _ := strconv.ParseInt(st.sess.Vars[varSince], 10, 64)
		if st.now.Sub(flows.Moment(first)) <= st.Settings.LoopSpan {
			times, _ = strconv.Atoi(st.sess.Vars[varTimes])
			since = first
		}
	}
	times++
	st.set(varSaid, digest)
	st.set(varTimes, strconv.Itoa(times))
	st.set(varSince, strconv.FormatInt(since, 10))
	return times > st.Settings.Loop
}
