// Package dialog holds one person's conversation with the hotline, whichever
// gateway carries it: a reporter's USSD menu and texts, and a responder's
// answers to an alert.
//
// [Service.Handle] is the entry. It finds out who calls and which turn of the
// conversation this is, loads the session, plays the new answers through the
// flow (package engine) and writes the outcome in one script: the session, and
// with it the case if one moved. A verb of a flow never writes; it adds to the
// [flows.Change] of the step. So a step is one load and one save.
//
// Two webhooks may race, and a timer may move the case while its reporter is
// still talking. Then the save reports [flows.ErrConflict], both are read again
// and the step is decided anew.
//
// What a reporter types is sealed before it leaves this package, and a number
// never leaves it: the store sees keyed pseudonyms.
package dialog
