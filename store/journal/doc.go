// Package journal is the second memory of the hotline: an append-only copy of
// every committed change on a medium of its own. It can rebuild an empty store,
// and nobody can edit it without being found out.
//
// A journal is a directory of segment files that are only ever appended to. Each
// holds records; each record carries the hash of the one before it and its own,
// an HMAC-SHA-256 over both its content and that hash:
//
//	magic 4 | length 4 | seq 8 | time 8 | version 8 | kind | case | body | prev 32 | hash 32
//
// So a record proves itself, and its place. The first record of a segment says
// which chain it belongs to, which segment it is, and how much of the segment
// before it counts: what lies behind that was never acknowledged.
//
// [Journal.Append] returns when the record is on the disk. Calls that arrive
// together share one fsync. A write that fails leaves its file as it is and the
// next one begins a new segment, so nothing is ever written twice or repaired in
// place.
//
//	record.go      a record and its bytes          verify.go      what was changed, and where
//	segment.go     reading one file                restore.go     all records, in order
//	journal.go     opening, closing, health        fold.go        records → cases as they were
//	flush.go       many appends, one fsync         compact.go     old segments → one snapshot
//	checkpoint.go  count and hash for elsewhere    catchup.go     after an outage of the disk
//	witness.go     who keeps them                  keep.go        what a store calls on commit
//	audit.go       who did what, why, from where   backup/        all of it to named people
//
// A start goes: [Open], then [Restore] into a [Fold] if the store is empty, else [Versions] and
// [Journal.CatchUpAll], then traffic. While it runs: [Journal.Keep] with every
// commit, [Journal.Health] for readiness, [Journal.CatchUp] every few seconds while
// that is not nil, [Journal.Testify] every few minutes, [Journal.Compact] every
// night.
//
// # Deeds
//
// Whatever a person, or the hotline itself, does that must be answered for is one
// [flows.Deed]: who did it, what kind of thing, to which case and field, why, and
// from where; a second person where two must agree. Call [Journal.Audit] before the
// thing is done, and leave it undone if that fails:
//
//	err := j.Audit(ctx, flows.Deed{
//		Who: "m12", Kind: flows.DeedRead, Case: id, What: "text/1",
//		Why: "visit at noon", From: "console 4f2a",
//	})
//
// [Deeds] finds them again, the latest first. They are read from the disk and
// proven each time, are kept by every compaction, and nothing can change or
// remove one.
//
// What the chain alone cannot show is that records are missing at its very end.
// Checkpoints kept elsewhere show it: [Verify] says how many records came after
// the last one, which is what somebody with the disk in hand could still take.
package journal
