package store

import (
	"fmt"
	"strings"

	"hotline/flows"
)

// check refuses what no step may return, before Redis sees it.
func (s *Store) check(ch *flows.Change) error {
	id := ch.Case.ID
	switch {
	case s.of(id) == nil:
		return fmt.Errorf("its id has no partition below %d", len(s.partitions))
	case !plain(string(id)) || !plain(string(ch.Case.Ref)) || !plain(ch.Case.Receipt):
		return fmt.Errorf("its id, reference or receipt holds control characters")
	case ch.From < 0:
		return fmt.Errorf("decided on version %d", ch.From)
	case ch.At.IsZero():
		return fmt.Errorf("the change has no moment")
	case ch.Case.Ref != "" && flows.Partition(string(ch.Case.Ref), len(s.partitions)) != id.Partition():
		return fmt.Errorf("its reference belongs to another partition")
	}
	if err := checkTimers(&ch.Case); err != nil {
		return err
	}
	if err := checkMessages(ch); err != nil {
		return err
	}
	if err := checkAnswers(&ch.Case, ch.Answers); err != nil {
		return err
	}
	if ch.Turn != nil {
		return checkTurn(ch.Turn)
	}
	return nil
}

func checkTimers(c *flows.Case) error {
	for name, due := range c.Timers {
		if due <= 0 {
			return fmt.Errorf("its timer %q has no due time", name)
		}
		if name == "" || !plain(string(name)) || strings.Contains(string(name), "|") {
			return fmt.Errorf("a timer has the name %q", name)
		}
	}
	return nil
}

func checkMessages(ch *flows.Change) error {
	for i := range ch.Send {
		if ch.Send[i].ID.Case() != ch.Case.ID || ch.Send[i].Due.IsZero() {
			return fmt.Errorf("message %d to send is of another case or has no due time", i)
		}
	}
	for i, id := range ch.Settle {
		if id.Case() != ch.Case.ID {
			return fmt.Errorf("message %d to settle is of another case", i)
		}
	}
	for i := range len(ch.Case.Alerts) + len(ch.Case.Notices) {
		a := tracked(&ch.Case, i)
		if !plain(string(a.Member)) || strings.Contains(string(a.Member), "|") || !plain(a.Provider) || !plain(a.SID) {
			return fmt.Errorf("alert %d holds control characters", i)
		}
	}
	if !plain(string(ch.Case.Holder)) || strings.Contains(string(ch.Case.Holder), "|") {
		return fmt.Errorf("its holder is no member id")
	}
	return nil
}
