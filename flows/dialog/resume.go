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

// offer makes the session that of the new call, and asks.
func (st *step) offer(ctx context.Context) error {
	s := &st.sess
	s.Dial, s.Provider, s.Transcript = st.dial, st.in.Provider, flows.Mark{}
	if s.Flow != flowResume {
		return st.Flows.Resume(s, st.run(ctx))
	}
	s.Tries = 0 // the call dropped at this very question
	_, err := st.Flows.Screen(s)
	return err
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
