// Package hook tells programs elsewhere that something happened to a case: signed
// posts that say what and to which case, and nothing of its content.
//
// Nothing is lost when a receiver is away. What is told comes out of the timelines,
// which the store and the journal keep; of each receiver only how far it has come
// is kept beside them. So a start, or a long silence of the receiver, is followed
// by all that it has missed, in order, each at least once and with an id by which
// repeats are known.
//
// The signature is that of the Standard Webhooks specification
// (standardwebhooks.com), for which receivers find libraries.
package hook
