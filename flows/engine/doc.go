// Package engine plays conversations that are written down as data.
//
// A flow is a YAML file in configs/flows: states with a question, the answers
// that are allowed, and where each of them leads. The words themselves are keys
// into configs/locales. [Load] reads all flows and all texts at once and either
// returns a [Set] that can be played, or every fault in them with file, line and
// column. [Set.Start] puts a caller before the first question, [Set.Step] takes
// one answer, [Set.Screen] says again what the caller sees now.
//
// The engine is pure: it changes the [flows.Session] it was given and nothing
// else. Whatever has an effect is a verb, a name from a fixed list. The engine
// asks its caller to run the verb (see [Run]) and goes where the outcome leads.
// There is no expression language; what cannot be said with choices, verbs and
// "when" belongs into a verb.
//
// # A state
//
// A state with ask waits for an answer. One with when or do alone passes
// through at once. One with end is the last screen.
//
//	kind:
//	  ask: report.kind              # text; {ussd: key, sms: key} where they differ
//	  again: report.kind.again      # simpler words after a wrong answer
//	  choices: {"1": VIOLENCE, …}   # labels are the texts report.kind.1, …
//	  save: kind                    # the variable that takes the value
//	  do: file                      # the verb, given the value
//	  on: {ok: place}               # outcome → where to go
//
//	place:
//	  ask: report.place
//	  again: report.place.again
//	  choices: {"0": {go: age}}     # fixed keys are tried before the input
//	  input: {as: place, max: 2000}
//	  do: find_place
//	  on: {found: age, list: place_list, none: again}
//	  giveup: age                   # after too many wrong answers
//
//	place_list:
//	  ask: report.place_list
//	  options: true                 # numbered list that the verb left in Session.Options
//	  do: pick_place
//	  on: {ok: age, none: place}
//
//	need_age:
//	  when: age                     # a saved variable, or channel, or language
//	  is: {"": age}                 # its value → where to go; "" is not set
//	  go: contact                   # any other value
//
//	done: {end: report.end}
//
// A choice is a value, or a mapping with any of value, label, hidden, set, save,
// do, on, go and language; what it leaves out it takes from its state. The place
// to go is a state of the same flow, /flow for the start of another, /flow/state,
// or one of three words: again (the answer was wrong after all), back, home.
//
// # Verbs
//
// The dialog package implements them. A verb may set Session.Vars and
// Session.Options, and must not touch where the session stands. The shipped
// flows use:
//
//	file        ok                        the case is filed, or refined, from Vars danger kind age place contact
//	note        ok                        a free text: sealed and filed
//	find_place  found confirm list none   typed text; found sets place and place_name, confirm sets guess and place_name,
//	                                      list fills Options, none keeps the text for the desk
//	place_yes   ok                        the guess was right
//	pick_place  ok none                   the value of the option that was chosen
//	no_place    ok                        the caller does not know
//	finish      receipt nothing           end of the report; receipt sets Vars receipt ("4821 9037") and pin; nothing: never filed
//	look_up     found unknown question    Vars number and code; found sets Vars status, in words; question sets question too
//	answer      ok gone                   the typed answer to that question; gone: somebody answered it before
//	my_alerts   none some                 what a member may take, into Options
//	take        taken already refused     Vars ref; already sets who and at
//	decline     declined already refused  Vars ref
//	near        found none unlisted       help in the commune that was typed: found sets near and near_phones,
//	                                      unlisted: the directory knows of none; nothing is filed
//	as_reporter ok                        the member goes on as an ordinary reporter
//	resume      ok                        the caller goes on with the report that broke off
//	anew        ok                        or begins a new one
package engine
