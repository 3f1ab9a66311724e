// Package dispatch sends what waits in the outbox and keeps what became of it.
//
// A [Worker] claims messages for a while, looks up the member's phone, sends
// through a [Router] and commits the provider's answer to the case; only that
// commit takes the message off the outbox. It notes first that the message
// leaves. A process that dies between that note and the commit leaves a message
// that may be sent twice, and is then marked so; nothing else sends twice. Where a
// provider can be asked, not even that; where it cannot, [Turns] keep it to one
// message at a time. [Deliveries] takes the providers' later word. [Record] and
// [Deliver] are the pure steps; an alert that does not arrive arms the ladder
// at once.
//
// A [Router] chooses the provider by purpose, channel and destination and keeps
// [Limits]. Urgent alerts go past limits, past other messages in the outbox and
// past a provider that rests. What is not urgent waits, and leaves in the order
// in which it presses.
package dispatch
