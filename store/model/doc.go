// Package model explores the commit protocol: every order in which a few people,
// workers, crashes, resends and losses can come, and in each state it asks what
// D§2 promises. It has nothing but tests.
//
// What runs is the real code: the scripts of store/lua behind store.Store on the
// in-process server, dialog.Service, escalation.Worker and Service,
// dispatch.Worker, and the records of the journal with journal.Fold. Each call
// that leaves such an actor, to the store, to a provider, is one step; between
// any two steps every other actor may move, and a fault may happen. A state is
// all that Redis, the journals, the provider, the people and the actors know; one
// that was seen before is not explored again.
//
// An actor is not stopped in the middle. It is run again from its beginning with
// the answers that it was given so far, and the first call beyond them is its
// next step; so it must depend on nothing else, and does not.
//
// What is abstracted: time is the few moments at which something is due, so keys
// do not expire; a journal is the list of its records, those on the disk and those
// that wait for it; sealing and pseudonyms only hide; one partition; one
// case, or two for their references; a process is killed, its successor starts
// and catches its journal up in one step, because nobody else waits for that; the
// feed of live pages is looked through and forgotten.
//
// Of the eight promises of D§2 it asks:
//
//  1. nobody was told of a report that Redis or the journals do not have;
//  2. an open case has a timer, and the workers find it;
//  3. neither a reporter's number nor their words stand in a key of Redis, the feed,
//     a record of a journal, a message or a reply;
//  4. every text ends in a case with its words in it, also when its place is not
//     known or its reference is taken;
//  5. nobody is asked who is neither of the case's commune nor of the province, and
//     nobody of the commune about its official;
//  6. a decision in a timeline has a reason;
//  7. a message leaves once, and again only after a fault and marked.
//
// The rest is proven elsewhere. 3, logs, pages, exports and metrics:
// TestNothingPlantedIsFoundAnywhere and TestCrashAndStopShowNothing in cmd/hotline.
// 4, bad input and references that are scarce: TestBadInputIsACaseAllTheSame and
// TestReferencesGrowWhenTheyAreScarce in flows/dialog. 5, who may see what:
// TestWhoSeesWhichCase in flows/access, TestEveryRouteForEveryRolePlaceAndConflict
// in cmd/hotline, TestNoNeighbourHearsOfAnOfficial in flows/escalation. 6, metrics:
// TestReasonsAreAllThatEscalationNames in cmd/hotline. 8, words that fit their
// screens, has no part in this protocol: TestEveryTextFitsOneSegment and
// TestEveryLanguageHasEveryText in flows/dialog, and `hotline flow check`.
//
// Every rule is shown able to fail: TestEveryRuleCanFail breaks the protocol in
// one place, a line of a script or a step of the wiring, and wants the explorer
// to find it. A violation is printed with the shortest way to it.
package model
