package access

// Meaning says in plain words what a verb lets somebody do. It stands in the table
// of docs/access.md.
func (v Verb) Meaning() string {
	return map[Verb]string{
		See:       "know that a case exists: lists, counts, its times and steps, never its words",
		Answer:    "take it, decline it, say that they are on site, make it urgent",
		Lead:      "hand it over, move it to another commune, make it less urgent, close it",
		Enter:     "fill in the forms 01 to 06",
		Ask:       "send the reporter a reviewed question",
		Read:      "open the reporter's words, alone, with a reason that is written down before",
		Reveal:    "open the reporter's words without holding the case: a second person must agree",
		Export:    "take the case out of the service: a second person must agree",
		Delete:    "destroy the case before its time: a second person must agree",
		Agree:     "be the second person",
		Hold:      "keep the case from being destroyed, by a legal order, and lift that",
		Figures:   "see response times and reports",
		Rota:      "see who is on duty, and ask others to swap",
		Arrange:   "change who is on duty",
		Workload:  "see how much each responder carries: cases held and taken, time to take, alerts unanswered, hours on duty",
		Directory: "see places, groups and members",
		Import:    "replace them",
		Service:   "see what providers did and what the service lacks",
		Settings:  "look at policy, flows and texts",
		Drill:     "start a test alert",
		Audit:     "read who did what, when and why",
		Invite:    "make and close accounts of others",
		Tokens:    "make and end tokens with which programs work in their name",
		Self:      "their own account and sessions",
	}[v]
}

// Meaning says in plain words how far a scope reaches.
func (s Scope) Meaning() string {
	return map[Scope]string{
		"":      "–",
		Never:   "–",
		Held:    "the case that they hold",
		Asked:   "cases that they hold or were asked to take",
		Led:     "the case that they hold; from the head of the group up, all of their commune",
		Leads:   "their commune, from the head of the group up",
		Commune: "their commune, and a case elsewhere that they hold or are asked for",
		Below:   "their place and all below it",
		Always:  "everywhere",
	}[s]
}
