package escalation

// Reason names why something was decided. It is in the timeline, the log and
// the metric alike, and tests compare it.
type Reason string

// Why a case was routed as it was.
const (
	ReasonPlaceKnown   Reason = "place_known"   // to the commune's standing group
	ReasonPlaceUnknown Reason = "place_unknown" // to the provincial desk
	ReasonPlaceFound   Reason = "place_found"   // from the desk to the commune, later
	ReasonOfficial     Reason = "official"      // about somebody who holds office
	ReasonNoRoute      Reason = "already_routed"
)

// Why the ladder moved or did not.
const (
	ReasonNotYet      Reason = "not_yet"      // no timer is due
	ReasonStale       Reason = "stale"        // the case no longer has this timer
	ReasonIntake      Reason = "intake_ended" // the dialogue went silent
	ReasonUnanswered  Reason = "unanswered"   // the level's wait is over
	ReasonNextStep    Reason = "next_step"    // the same level again, by the next channel
	ReasonUndelivered Reason = "undelivered"  // nobody of the level is known to be reached
	ReasonUnsure      Reason = "unsure"       // it may have arrived; the member is told another way
	ReasonReached     Reason = "reached"      // one did not arrive, but another one did
	ReasonDeclined    Reason = "declined"     // somebody cannot; the next person or level
	ReasonTop         Reason = "top_again"    // the last level is asked once more
	ReasonNobody      Reason = "nobody_on_duty"
	ReasonNobodyAtAll Reason = "nobody_at_all"
	ReasonLeftOut     Reason = "left_out"         // the policy leaves the level out
	ReasonNeighbours  Reason = "neighbours"       // of a silent commune
	ReasonNoNeighbour Reason = "no_neighbour"     // is on duty either
	ReasonSomebody    Reason = "somebody_on_duty" // at last
	ReasonRaised      Reason = "raised"
	ReasonLinked      Reason = "linked" // another report about the same child or house
	ReasonUnlinked    Reason = "unlinked"
	ReasonAgain       Reason = "again"   // a closed case is taken up again
	ReasonMoved       Reason = "moved"   // to another commune
	ReasonRecused     Reason = "recused" // whoever had it is party to it
)

// Why the severity is what it is.
const (
	ReasonDanger Reason = "danger_now"
	ReasonKind   Reason = "kind"
	ReasonAge    Reason = "age"
	ReasonPerson Reason = "by_person"
)

// What the clocks after the ack say.
const (
	ReasonNoEntry    Reason = "no_entry"        // the holder is asked again
	ReasonQuiet      Reason = "holder_quiet"    // the case goes up again
	ReasonAnswer     Reason = "answer"          // a level's wait is over: nobody took it in time
	ReasonRouting    Reason = "routing"         // nobody was asked in time
	ReasonAssessment Reason = "assessment"      // form 02
	ReasonPolice     Reason = "police_24h"      // Circular 43/2021/TT-BCA art 5
	ReasonFeedback   Reason = "feedback"        // the reporter can read nothing yet
	ReasonDecision   Reason = "decision_12h"    // Decree 56/2017 art 26.3
	ReasonPlan       Reason = "plan_5_days"     // art 28.1
	ReasonApproval   Reason = "approval_7days"  // procedure 2.001947
	ReasonRemoval    Reason = "removal_15_days" // art 32
	ReasonReview     Reason = "review"          // the case is still open
)
