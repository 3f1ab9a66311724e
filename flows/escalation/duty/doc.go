// Package duty is what members do about their rota: see it in their own
// calendar ([ICal]), swap a turn with a colleague ([Swap]) and confirm a turn
// before it begins ([Confirm]). All of it is pure; what changes the rota comes
// back as overrides to be added to the directory.
package duty
