package main

import (
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/handlers"
	"hotline/store"
)

// figures are what monitoring reads beside the counts of the listeners. Every
// label is from a closed set and nothing of a reporter is in any of them.
// docs/operate.md explains each one, and a test holds that it does.
//
// Counters are of this process and are added up; gauges tell what Redis holds,
// so that every process shows the same and the highest counts.
type figures struct {
	web *handlers.Metrics

	commits     prometheus.Counter
	silent      prometheus.Counter
	escalations *prometheus.CounterVec
	breakers    *prometheus.GaugeVec

	open       *prometheus.GaugeVec
	audit      *prometheus.GaugeVec
	contacts   *prometheus.GaugeVec
	durability *prometheus.GaugeVec
	witnesses  *prometheus.GaugeVec
	overdue    prometheus.Gauge
	waiting    prometheus.Gauge
	dead       prometheus.Gauge
	skew       prometheus.Gauge

	mu   sync.Mutex
	away map[string]bool // providers that get no messages
}

func newFigures() *figures {
	f := &figures{
		web:         handlers.NewMetrics(),
		commits:     prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_case_commits_total", Help: "Changes of cases that this process has written."}),
		silent:      prometheus.NewCounter(prometheus.CounterOpts{Name: "hotline_silent_contacts_total", Help: "Contacts that ended before they said anything, as counted by this process."}),
		escalations: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_escalations_total", Help: "Decisions of this process about who is asked next, by kind of event and named reason."}, []string{"event", "reason"}),
		breakers:    gauges("hotline_provider_breaker_open", "1 while a provider failed too often in a row and gets no messages.", "provider"),
		open:        gauges("hotline_open_cases", "Cases that still need somebody.", "severity", "status"),
		audit:       gauges("hotline_audit_findings", "Open cases and partitions that nothing will look at in time, by what is wrong; always 0 in a healthy hotline.", "reason"),
		contacts:    gauges("hotline_contacts_today", "Conversations of the present day (UTC) by what became of them.", "outcome"),
		durability:  gauges("hotline_durability_fault", "1 while a Redis server has a setting or state that could lose a report.", "fault"),
		witnesses:   gauges("hotline_checkpoint_failing", "1 while a witness did not get its last checkpoint of the journal.", "witness"),
		overdue:     gauge("hotline_timer_overdue_seconds", "How long the oldest timer that is due has waited; 0 when none has."),
		waiting:     gauge("hotline_message_overdue_seconds", "How long the oldest message that is due has waited unclaimed; 0 when none has."),
		dead:        gauge("hotline_dead_messages", "Messages that were given up and are on the dead list."),
		skew:        gauge("hotline_clock_skew_seconds", "How far the clock of Redis is ahead of ours; negative when it is behind."),
	}
	f.web.Registry.MustRegister(f.commits, f.silent, f.escalations, f.breakers,
		f.open, f.audit, f.contacts, f.durability, f.witnesses, f.overdue, f.waiting, f.dead, f.skew)
	return f
}

// witness notes whether a witness of the journal got its last checkpoint.
func (f *figures) witness(name string, failing bool) {
	f.witnesses.WithLabelValues(name).Set(flag(failing))
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
}

func gauges(name, help string, labels ...string) *prometheus.GaugeVec {
	return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
}

// follow adds the figures that are worked out when they are asked for.
func (f *figures) follow(a *app) {
	age := func(since func() time.Time) func() float64 {
		return func() float64 {
			if t := since(); !t.IsZero() {
				return max(0, a.now().Sub(t).Seconds())
			}
			return 0
		}
	}
	f.web.Registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hotline_directory_age_seconds",
			Help: "How long this process has used the directory version in use; it starts anew with the process.",
		}, age(func() time.Time { _, since := a.dir.inUse(); return since })),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hotline_watch_age_seconds",
			Help: "How old the figures that are read from Redis are; above a minute they cannot be trusted.",
		}, age(a.watch.last)),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "hotline_heartbeat_age_seconds",
			Help: "How long ago the watcher outside was last told that all is well; 0 without one.",
		}, age(a.watch.beaten)),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hotline_weak_commits_total",
			Help: "Confirmed changes that fewer replicas than asked for had; at least one had each.",
		}, func() float64 { return float64(a.store.Weak()) }),
	)
}

// committed counts a change and the decisions in it.
func (f *figures) committed(ch flows.Change) {
	f.commits.Inc()
	for i := range ch.Events {
		if e := &ch.Events[i]; counted(e.Kind) {
			f.escalations.WithLabelValues(string(e.Kind), knownReason(e.Reason)).Inc()
		}
	}
}

// counted are the events that decide who is asked, and when.
func counted(kind flows.EventKind) bool {
	switch kind {
	case flows.EventRouted, flows.EventEscalated, flows.EventSkipped, flows.EventAid, flows.EventReopened, flows.EventWarned, flows.EventBreached:
		return true
	}
	return false
}

// knownReason keeps the label a closed set: what is not listed is "other".
func knownReason(reason string) string {
	if slices.Contains(reasons(), escalation.Reason(reason)) {
		return reason
	}
	return "other"
}

// reasons are all that escalation names; a test compares them with its source.
func reasons() []escalation.Reason {
	return []escalation.Reason{
		escalation.ReasonPlaceKnown, escalation.ReasonPlaceUnknown, escalation.ReasonPlaceFound,
		escalation.ReasonOfficial, escalation.ReasonNoRoute,
		escalation.ReasonNotYet, escalation.ReasonStale, escalation.ReasonIntake, escalation.ReasonUnanswered,
		escalation.ReasonNextStep, escalation.ReasonUndelivered, escalation.ReasonUnsure, escalation.ReasonReached, escalation.ReasonDeclined,
		escalation.ReasonTop, escalation.ReasonLeftOut, escalation.ReasonNeighbours, escalation.ReasonNoNeighbour, escalation.ReasonNobody, escalation.ReasonNobodyAtAll, escalation.ReasonSomebody,
		escalation.ReasonRaised, escalation.ReasonMoved, escalation.ReasonRecused, escalation.ReasonAgain, escalation.ReasonLinked, escalation.ReasonUnlinked,
		escalation.ReasonDanger, escalation.ReasonKind, escalation.ReasonAge, escalation.ReasonPerson,
		escalation.ReasonNoEntry, escalation.ReasonQuiet, escalation.ReasonAnswer, escalation.ReasonRouting, escalation.ReasonAssessment,
		escalation.ReasonPolice, escalation.ReasonFeedback, escalation.ReasonDecision, escalation.ReasonPlan,
		escalation.ReasonApproval, escalation.ReasonRemoval, escalation.ReasonReview,
		escalation.ReasonNoTimer, escalation.ReasonNoLadder, escalation.ReasonOverdue, escalation.ReasonUnserved,
	}
}

// findings are the reasons that an audit gives.
func findings() []escalation.Reason {
	return []escalation.Reason{escalation.ReasonNoTimer, escalation.ReasonNoLadder, escalation.ReasonOverdue, escalation.ReasonUnserved}
}

// durabilityFaults are all that the store names.
func durabilityFaults() []string {
	return []string{
		store.FaultEvicts, store.FaultNoAppend, store.FaultNotAlways, store.FaultTooOld,
		store.FaultUnknown, store.FaultNoReplicas, store.FaultEmbedded,
	}
}

// moved shows whether traffic has left a provider.
func (f *figures) moved(provider string, away bool) {
	f.breakers.WithLabelValues(provider).Set(flag(away))
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.away == nil {
		f.away = map[string]bool{}
	}
	f.away[provider] = away
}

// resting is how many providers get no messages.
func (f *figures) resting() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, away := range f.away {
		if away {
			n++
		}
	}
	return n
}

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
