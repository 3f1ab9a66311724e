// Package access says who may do what to which case. It is the one place where
// that is decided.
//
// [Rules] is the whole law of it, a table that a lawyer can read: for each thing
// that can be done, and each role, how far it reaches. [Allowed] applies it; before
// the table it asks for a conflict of interest, which outranks every role. A
// [Guard] stands between the pages and the store, so that a page that forgets to
// ask can neither read nor change what its reader may not.
//
// Who is behind a request travels in the context: see [With] and [From]. A context
// without one may do nothing.
package access
