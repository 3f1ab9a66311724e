// Package places leads from the name that a person types to the commune that
// answers for it, or to a short list to choose from. It never guesses in
// silence and never says that a report without a place is refused: the caller
// of [Resolver.Find] sends what stays unknown to the provincial desk.
//
// People type without accents, with old names, with the district behind or the
// unit word before, with slips of the thumb. One name stands for up to 51
// communes of the nation, every old district of the first province is now the
// name of a commune, and the same code has meant other borders. So the order
// is: code, exact name with what stands around it, one near match to confirm,
// a list of at most nine, a narrowing question, nothing.
//
// [New] builds a [Resolver] from a directory at a date; it does not change
// afterwards and any number of callers may share it. [ReadPlaces] and
// [ReadMapping] read the official lists.
package places
