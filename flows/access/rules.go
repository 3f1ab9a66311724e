package access

// Verb is something that can be done.
type Verb string

// The verbs about a case.
const (
	See    Verb = "see"    // know that it exists: lists, counts, search, timeline, news, calendars
	Answer Verb = "answer" // take it, decline, be on site, make it urgent, step back from it
	Lead   Verb = "lead"   // hand it over, move it, make it less urgent, close it, mark it as about an official
	Enter  Verb = "enter"  // fill in the forms 01 to 06 and enter the stages of Decree 56/2017
	Ask    Verb = "ask"    // send the reporter a reviewed question
	Read   Verb = "read"   // open the reporter's words, with a reason
	Reveal Verb = "reveal" // the same without holding the case: two people
	Export Verb = "export" // take the case out of the service: two people
	Delete Verb = "delete" // destroy it before its time: two people
	Agree  Verb = "agree"  // be the second person of the three above
	Hold   Verb = "hold"   // keep it from being destroyed, by a legal order, and lift that
)

// The verbs about a place.
const (
	Figures  Verb = "figures"  // response times of the cases that one may see
	Rota     Verb = "rota"     // see who is on duty, and ask others to swap
	Arrange  Verb = "arrange"  // change who is on duty
	Workload Verb = "workload" // see how much each member carries
)

// The verbs about the service.
const (
	Directory Verb = "directory" // see places, groups and members
	Import    Verb = "import"    // replace them
	Service   Verb = "service"   // deliveries, providers, what the service lacks
	Settings  Verb = "settings"  // policy, flows, texts: to look at
	Drill     Verb = "drill"     // a test alert
	Audit     Verb = "audit"     // read who did what
	Invite    Verb = "invite"    // make and close accounts of others
	Tokens    Verb = "tokens"    // make tokens with which programs work in one's name
	Self      Verb = "self"      // one's own account and sessions
)

// Verbs lists all verbs in the order of the table.
func Verbs() []Verb {
	return []Verb{
		See, Answer, Lead, Enter, Ask, Read, Reveal, Export, Delete, Agree, Hold,
		Figures, Rota, Arrange, Workload, Directory, Import, Service, Settings, Drill, Audit, Invite, Tokens, Self,
	}
}

// TwoPeople reports whether a verb needs the agreement of a second person.
func (v Verb) TwoPeople() bool { return v == Reveal || v == Export || v == Delete }

// Scope is how far a role reaches with a verb.
type Scope string

// The scopes, from the narrowest.
const (
	Never   Scope = "never"
	Held    Scope = "held"    // the case that they hold
	Asked   Scope = "asked"   // a case that they hold or were asked to take
	Led     Scope = "led"     // the case that they hold; from the head of the group up, all of their commune
	Leads   Scope = "leads"   // their own commune, from the head of the group up
	Commune Scope = "commune" // their own commune; elsewhere a case that they hold or are asked for now
	Below   Scope = "below"   // their place and all places below it
	Always  Scope = "always"
)

// Rules is the table: verb, role, how far. What is not in it reaches nothing.
func Rules() map[Verb]map[Role]Scope {
	return map[Verb]map[Role]Scope{
		See:    {Responder: Commune, Supervisor: Below, Committee: Asked},
		Answer: {Responder: Commune, Supervisor: Below, Committee: Asked},
		Lead:   {Responder: Commune, Supervisor: Below, Committee: Asked},
		Enter:  {Responder: Led, Supervisor: Below},
		Ask:    {Responder: Commune, Supervisor: Below},
		Read:   {Responder: Held, Supervisor: Held, Committee: Held},
		Reveal: {Supervisor: Below},
		Export: {Supervisor: Below},
		Delete: {Supervisor: Below},
		Agree:  {Supervisor: Below},
		Hold:   {Supervisor: Below},

		Figures:  {Responder: Commune, Supervisor: Below, Committee: Always},
		Rota:     {Responder: Commune, Supervisor: Below, Committee: Always},
		Arrange:  {Responder: Leads, Supervisor: Below},
		Workload: {Supervisor: Below},

		Directory: {Supervisor: Always, Operator: Always},
		Import:    {Supervisor: Always, Operator: Always},
		Service:   {Supervisor: Always, Operator: Always},
		Settings:  {Supervisor: Always, Operator: Always},
		Drill:     {Supervisor: Always},
		Audit:     {Auditor: Always},
		Invite:    {Supervisor: Always, Operator: Always},
		Tokens:    {Supervisor: Always, Committee: Always, Operator: Always, Auditor: Always},
		Self:      {Responder: Always, Supervisor: Always, Committee: Always, Operator: Always, Auditor: Always},
	}
}
