package store

import (
	"fmt"

	"hotline/flows"
)

// MaxPartitions is the largest number of partitions: a case id carries two
// digits.
const MaxPartitions = 100

// Keys that belong to no case. They share one tag, so that a Redis Cluster holds
// them together.
const (
	keyInstall   = "hl:{meta}:install"
	keyDirectory = "hl:{meta}:directory"
	keyEditions  = "hl:{meta}:editions"
	keyPapers    = "hl:{meta}:papers"
)

// editionKey holds the flows and texts that sessions under way may be in.
func editionKey(id string) string { return "hl:{meta}:edition:" + id }

// Keys of the people who sign in. They share one tag too.
func signinKey(id string) string      { return "hl:{meta}:signin:" + id }
func signinSetKey(name string) string { return "hl:{meta}:signin_set:" + name }
func attemptsKey(name string) string  { return "hl:{meta}:attempts:" + name }
func claimedKey(what string) string   { return "hl:{meta}:claimed:" + what }

// paperKey holds a document that belongs to no case.
func paperKey(name string) string { return "hl:{meta}:paper:" + name }

// partition holds the keys of one partition that are always the same. They are
// built once and kept as interface values: a commit names a dozen of them.
type partition struct {
	prefix string // "hl:{p07}:"

	timers, outbox, bodies, dead  any
	refs, receipts, members, sids any
	feed, tally, silent           any
}

func newPartition(n int) partition {
	p := partition{prefix: fmt.Sprintf("hl:{p%02d}:", n)}
	p.timers, p.outbox, p.bodies = p.prefix+"timers", p.prefix+"outbox", p.prefix+"bodies"
	p.dead = p.prefix + "dead"
	p.refs, p.receipts = p.prefix+"refs", p.prefix+"receipts"
	p.members, p.sids = p.prefix+"members", p.prefix+"sids"
	p.feed, p.tally, p.silent = p.prefix+"feed", p.prefix+"tally", p.prefix+"silent"
	return p
}

// caseKey holds a case, timelineKey what happened to it.
func (p *partition) caseKey(id flows.CaseID) string     { return p.prefix + "case:" + string(id) }
func (p *partition) timelineKey(id flows.CaseID) string { return p.prefix + "line:" + string(id) }

// formsKey holds what was written into the forms of a case.
func (p *partition) formsKey(id flows.CaseID) string { return p.prefix + "forms:" + string(id) }

// sessionKey holds a conversation.
func (p *partition) sessionKey(id flows.SessionID) string { return p.prefix + "session:" + string(id) }

// turnKey holds the reply to one turn of a session. It names the session, so
// that a gateway that uses a message id twice never shows one caller the reply
// to another.
func (p *partition) turnKey(id flows.SessionID, turn string) string {
	return p.prefix + "turn:" + string(id) + ":" + turn
}

// name is a kept key as a string, for the calls that want one.
func name(key any) string { return key.(string) }
