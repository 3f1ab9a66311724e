// Package escalation decides who is told of a case, when, and what happens if
// nobody answers.
//
// A report is routed ([Route]), a level of the ladder is asked, and a timer
// says when the next one is ([Due], [Fire]). Somebody takes it ([Take]) or
// cannot ([Decline]); from then on the clocks of Decree 56/2017 run until it is
// closed ([Close]). Every step is a pure function of the moment, the case and a
// [World]: the policy, the roster, the calendar and the texts. It returns a
// [flows.Change] in which every line of the timeline has a named [Reason].
//
// What must hold: an open case always has a timer; at most one level moves per
// timer; a timer that the case no longer has does nothing.
//
// The [Worker] turns due timers into commits and holds no logic of its own. The
// [Service] is where an answer of a member ends, whichever way it came.
package escalation
