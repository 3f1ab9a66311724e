// Package store keeps the hotline in Redis, and is the only user of Redis.
//
// Everything that belongs together lives in one partition, and all keys of a
// partition share a hash tag, so that one script can write them at once and a
// Redis Cluster never splits them: hl:{p07}:…. A case id begins with its
// partition; a session, a reference and a receipt number lead to theirs by
// flows.Partition. Nothing in the write path touches two partitions; boards and
// lists ask all of them at once and merge.
//
// Commit is the only way to write a case, and a step of a conversation takes two
// round trips: Turn, then Commit or SaveTurn. Steps that are ready at the same
// moment share them, see gather.go. Scripts compare versions and write;
// what to write was decided in Go. Time comes in as an argument.
//
// Sending twice is harmless. go-redis sends a command again after a network
// error, and gateways and people repeat themselves: every writing call has a
// name of its own (its attempt), every command and turn is remembered, and the
// same one again gets its first result.
//
// Cases, sessions, messages and events are stored as records, see store/record; what
// scripts take apart stands before them in plain text.
//
// # Keys
//
// In each partition, after hl:{pNN}:
//
//	key            type    lifetime          what, and who writes it
//	case:<id>      string  for ever          a line for scripts (version, last commands, members,
//	                                         provider ids), then the case's record; commit
//	line:<id>      list    for ever          timeline: the event records of a change, each with
//	                                         its length; commit
//	forms:<id>     hash    for ever          field of a form, as 01/child_name → its answer's
//	                                         record, sealed; commit
//	timers         zset    –                 open cases by the due ms of their first timer, those
//	                                         without one behind them, closed ones that will be
//	                                         purged far behind all; commit
//	members        zset    –                 <member>|<case>, all score 0, for each member asked
//	                                         to take an open case, and its holder; commit
//	refs           hash    for ever          reference → case; commit claims it
//	receipts       hash    for ever          keyed hash of the receipt → case; commit claims it
//	sids           hash    –                 <provider>|<its id> → message, until its delivery is
//	                                         final or the case closed; commit
//	outbox         zset    –                 messages to send by due ms, urgent alerts long before
//	                                         all others; commit adds and settles,
//	                                         claim moves by a lease, retry, unbury
//	bodies         hash    with the above    message → record, and <message># → how often it was
//	                                         claimed since its last outcome; the same writers
//	dead           hash    for ever          message → JSON and reason; bury adds, unbury takes
//	session:<id>   string  Turn.Keep         "version length\n", the session's
//	                                         record, sealed, and its case's; commit, save_turn
//	turn:<session>:<id> string Turn.Remember attempt, case version and the reply given first,
//	                                         sealed; commit, save_turn
//	silent         zset    –                 sessions that have said nothing, by the ms at which
//	                                         they count; commit and save_turn set and remove,
//	                                         sweep_silent takes
//	tally          hash    for ever          <day>:begun, :filed, :at-once (both), :silent → number;
//	                                         commit, save_turn, sweep_silent
//	feed           stream  ~ FeedLength      c = case, e = event records, for live pages; commit,
//	                                         sweep_silent
//	fence          string  –                 a write of our own before WAIT; see wait.go
//
// And once, after hl:{meta}:
//
//	install        hash    for ever          partitions: their number, fixed at the first start
//	directory      hash    for ever          v = version, b = JSON with numbers in E.164;
//	                                         replace_directory
//	edition:<id>   string  SaveEdition keep  flows and texts as they were when sessions began;
//	                                         SaveEdition
//	editions       set     the same          the ids of those; SaveEdition
//	paper:<name>   hash    for ever          v = version, b = a document that belongs to no case;
//	                                         save_paper
//	signin:<id>    string  its session       who is signed in: JSON; save_signin
//	signin_set:<n> set     its sessions      the ids of those of an account; save_signin
//	attempts:<key> hash    a day             n = answers that may be wrong, u = ms until which
//	                                         the next must wait; attempt
//	claimed:<what> string  as asked for      who claimed a one-time link first; claim_once
//	papers         set     for ever          the names of those; save_paper
//
// restore writes any of them but the sessions, from a journal.
//
// Reading order: commit.go and lua/commit.lua, turns.go, cases.go.
package store
