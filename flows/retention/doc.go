// Package retention destroys what people wrote when its time is over, and not
// before: the table of domain.md §8.
//
//	number of a reporter   30 days after closing, 180 days at most   store/vault/relay
//	text, no plan          1 year after closing                      here
//	text, with a plan      5 years after closing                     here
//	pseudonyms             with the key of their epoch, 90 days      store/vault
//	log files              30 days                                   cmd/hotline
//	deeds                  10 years                                  store/journal
//
// A case that was closed has one timer, flows.TimerPurge, which the store keeps as
// durably as any other. When it is due the [Worker] takes two steps, each of which
// can be done again after a crash: first a change takes the sealed texts out of
// the case, then their key is destroyed and a second change says so and takes the
// timer. From then on no copy of a text can be read, wherever it lies: in the
// store, its files, the journal or a backup.
//
// A legal hold takes the timer away; lifting it gives it back. A reporter who asks
// again shortly before the end postpones it.
package retention
