// Package figures counts what the hotline did, from the events of its cases: how
// long people waited, which legal clocks were missed, and what a month or a year
// comes to. It is pure: a [Fact] is what the timeline of one case says, and a
// report is computed from facts.
//
//	fact.go      the timeline of a case → a fact
//	times.go     facts → response times by place, level, hour, month …
//	upward.go    facts → the figures that go up, month by month
//	chance.go    is a change more than chance?
//	suppress.go  which cells the public may not see
//	book.go      the facts of a running hotline
//
// Times are attributed to the commune where the case was when the step was taken,
// and count from its arrival there: a commune answers for the hours that it had
// the case, not for those of another.
package figures
