package escalation

import (
	"context"
	"slices"
	"time"

	"hotline/flows"
)

// What an audit finds.
const (
	ReasonNoTimer  Reason = "no_timer"      // an open case that nothing will look at again
	ReasonNoLadder Reason = "no_ladder"     // nobody holds it and nobody will be asked
	ReasonOverdue  Reason = "timer_overdue" // a timer that nobody fires
	ReasonUnserved Reason = "not_served"    // a partition that no worker has looked at
)

// Finding is one thing that is wrong.
type Finding struct {
	Reason    Reason
	Case      flows.CaseID
	Ref       flows.Ref
	Timer     flows.TimerName
	Late      time.Duration // how long it has been wrong, if that is known
	Partition int
}

// Audit is what an audit found. It is healthy without findings.
type Audit struct {
	At       time.Time
	Open     int           // open cases that were looked at
	Oldest   time.Duration // how overdue the oldest timer is; 0: none is
	Findings []Finding
}

// AuditCases checks that every open case has a timer, or a named reason why not,
// and that none is overdue by more than a grace.
func AuditCases(now time.Time, cases []flows.Case, grace time.Duration) Audit {
	a := Audit{At: now}
	for i := range cases {
		if c := &cases[i]; c.IsOpen() {
			a.Open++
			a.check(now, c, grace)
		}
	}
	slices.SortStableFunc(a.Findings, func(x, y Finding) int { return int(y.Late - x.Late) })
	return a
}

func (a *Audit) check(now time.Time, c *flows.Case, grace time.Duration) {
	found := Finding{Case: c.ID, Ref: c.Ref, Partition: c.ID.Partition()}
	if len(c.Timers) == 0 {
		if c.NoTimer == "" {
			found.Reason = ReasonNoTimer
			a.Findings = append(a.Findings, found)
		}
		return
	}
	name, due := earliest(c)
	late := now.Sub(due)
	a.Oldest = max(a.Oldest, late)
	if _, ok := c.Timers[flows.TimerLadder]; !ok && c.Status == flows.StatusOpen {
		found.Reason = ReasonNoLadder
		a.Findings = append(a.Findings, found)
	} else if late > grace {
		found.Reason, found.Timer, found.Late = ReasonOverdue, name, late
		a.Findings = append(a.Findings, found)
	}
}

// Repair arms the timer that an audit misses, so that the ladder looks at the
// case at once. For a case that lacks nothing it is a change of nothing: one
// without a case.
func Repair(now time.Time, c flows.Case, w World) flows.Change {
	a := Audit{}
	a.check(now, &c, 1<<62)
	if !c.IsOpen() || len(a.Findings) == 0 {
		return flows.Change{}
	}
	ch := flows.BeginChange(now, c)
	ch.CommandID = "repair/" + now.UTC().Format(time.RFC3339Nano)
	next := &ch.Case
	switch next.Status {
	case flows.StatusOpen:
		ch.Arm(flows.TimerLadder, now)
	case flows.StatusTaken:
		armEntry(&ch, w)
		ch.Arm(flows.TimerReview, now.Add(w.policy(next).Clocks.Review))
	default:
		ch.Arm(flows.TimerIntake, now)
	}
	ch.Log(flows.Event{Kind: flows.EventWarned, Reason: string(a.Findings[0].Reason), Level: next.Level})
	return ch
}

// Board is what an auditor reads.
type Board interface {
	Open(ctx context.Context) ([]flows.Case, error)
}

// Auditor watches the promise that every open case is looked at again. Set the
// fields before the first use.
type Auditor struct {
	Board Board
	// Served is when a partition was last looked at by a worker of this
	// installation, if that is known; see Worker.Served.
	Served     func(partition int) time.Time
	Partitions int
	Grace      time.Duration // 0: a minute
}

// Check looks at every open case and every partition.
func (a *Auditor) Check(ctx context.Context, now time.Time) (Audit, error) {
	grace := a.Grace
	if grace == 0 {
		grace = time.Minute
	}
	cases, err := a.Board.Open(ctx)
	if err != nil {
		return Audit{}, err
	}
	found := AuditCases(now, cases, grace)
	for p := 0; p < a.Partitions && a.Served != nil; p++ {
		if late := now.Sub(a.Served(p)); late > grace {
			found.Findings = append(found.Findings, Finding{Reason: ReasonUnserved, Partition: p, Late: late})
		}
	}
	return found, nil
}
