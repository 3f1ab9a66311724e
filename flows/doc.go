// Package flows is the vocabulary of the hotline: the nouns that move by state.
//
// A conversation moves when a person answers; an escalation moves when nobody
// does. Both are pure functions of a [Case] or a [Session] and a moment, and
// both return a [Change]: the case as it will be, the timers, messages and
// timeline entries that go with it, and the version that was read. The store
// applies a Change whole or not at all, and nothing else writes a case.
//
// A report travels like this:
//
//	webhook → [Inbound] → dialog → engine → [Change] → store.Commit
//	        → timers and outbox → [Message] → provider → [Receipt] → board
//
// The package uses the standard library alone and imports nothing of ours, so
// that every other package can speak it. Read change.go first, then case.go.
package flows
