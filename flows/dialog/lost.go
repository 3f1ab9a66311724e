package dialog

import (
	"strconv"

	"hotline/flows"
)

// mostHelp is how often somebody at work whose words mean nothing to us is told
// how to write, until they write something that does: their phone may be lent, or
// a machine. It ends with the session too, a day after their last text.
const mostHelp = 5

// varLost counts them.
const varLost = "lost"

// unknown is what a reference that leads nowhere for the member is answered with.
// Most words of four letters read as one.
func (st *step) unknown(ref flows.Ref) string {
	st.lost = true
	return st.text("staff.unknown", "ref", string(ref))
}

// patience returns the answer, or nothing where it would be one help too many.
func (st *step) patience(text string) string {
	if !st.lost {
		delete(st.sess.Vars, varLost)
		return text
	}
	n, _ := strconv.Atoi(st.sess.Vars[varLost])
	if n >= mostHelp {
		return ""
	}
	st.set(varLost, strconv.Itoa(n+1))
	return text
}
