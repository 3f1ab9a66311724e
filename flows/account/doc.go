// Package account is how people at work sign in: a name, a password and a code
// that changes every half minute, or the sign-in of their authority.
//
// Nothing here reads a clock, and what is decided (how long a session lives, how
// long somebody must wait after wrong passwords, what a password may be) is in
// small pure functions: see totp.go, password.go, delay.go, session.go, invite.go.
// A [Desk] puts them together with the store and the vault. Every sign-in, refusal
// and change of an account is written into the journal first.
//
// There is no lock: an attacker who knows a name could shut its owner out. Wrong
// answers make the same address wait longer and longer for the same name, and a
// browser in which the owner has signed in before waits for nobody else's mistakes.
package account
