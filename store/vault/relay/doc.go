// Package relay is the only place of the hotline that holds numbers of
// reporters. Everything above it names a case and a template; the number comes
// out in [Relay.Phone], in the moment of sending, and goes nowhere else.
//
// A number is kept only if the reporter said so, sealed under a key of its own
// case that nothing else is sealed with. It goes with the word STOP, with its
// expiry, and some days after the case was closed, whichever is first; the key
// goes with it, so that no backup can bring it back.
package relay
