package dialog

import (
	"context"
	"strings"

	"hotline/flows"
	"hotline/flows/places"
)

// askHamlet is the reviewed question whose answer is the name of a hamlet.
const askHamlet = "ask.hamlet"

// hamletMark is the keyed digest of a hamlet of a place, or "": the case keeps no word
// of it that is not sealed, as form 01 does not.
func (s *Service) hamletMark(place flows.PlaceID, hamlet string) string {
	if s.Hamlet == nil || hamlet == "" || place == "" {
		return ""
	}
	return s.Hamlet(place, hamlet)
}

// hamletIn is the mark of the hamlet that a text names in a place.
func (st *step) hamletIn(text string, place flows.PlaceID) string {
	return st.hamletMark(place, st.guide.Places.Hamlet(text, place))
}

// overhear keeps the hamlet that stands beside the commune in the answer to the
// question for it: its mark in each place that may be meant, until one is
// settled. The words are sealed with the case, so that whoever goes there can
// read them; a text that names no hamlet is not kept.
func (st *step) overhear(ctx context.Context, a places.Answer, text string) error {
	delete(st.sess.Vars, varHamlets)
	meant := a.Options
	if len(meant) == 0 && a.Place != "" {
		meant = []flows.PlaceID{a.Place}
	}
	var marks []string
	for _, id := range meant {
		if mark := st.hamletIn(text, id); mark != "" {
			marks = append(marks, string(id)+"="+mark)
		}
	}
	if len(marks) == 0 {
		return nil
	}
	st.set(varHamlets, strings.Join(marks, " "))
	sealed, err := st.seal(ctx, "place", text)
	if err != nil {
		return err
	}
	return st.refine(func(c *flows.Case) { c.Texts = append(c.Texts, sealed) })
}

// heard is the mark of the hamlet that was named with a place, or "".
func (st *step) heard(place flows.PlaceID) string {
	for pair := range strings.FieldsSeq(st.sess.Vars[varHamlets]) {
		if mark, ok := strings.CutPrefix(pair, string(place)+"="); ok {
			return mark
		}
	}
	return ""
}

// stands puts a case where its reporter says it is. A hamlet of another place is
// none of this one.
func (st *step) stands(c *flows.Case, place flows.PlaceID) {
	mark := st.heard(place)
	if c.Place != place || mark != "" {
		c.Hamlet = mark
	}
	c.Place = place
}

// located takes the answer to a question of the people at work: a hamlet, if that
// was asked and nobody has written one down yet.
func (st *step) located(c *flows.Case, question, text string) {
	if question != askHamlet || c.Hamlet != "" {
		return
	}
	if c.Hamlet = st.hamletIn(text, c.Place); c.Hamlet == "" {
		c.Hamlet = st.hamletMark(c.Place, places.HamletKey(text))
	}
}
