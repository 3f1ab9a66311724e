// Package vault keeps what nobody may read: it seals texts, turns phone numbers
// into keyed pseudonyms, and hashes receipts.
//
// Everything begins with one key of 32 bytes, the [Material], which lives outside
// the store: in a file, in the environment, with a command, or nowhere at all in
// the demo. It is the key-encryption key: it seals other keys, by name, which lie
// in a [KeyStore] and are deleted from it.
//
//	root/lasting     what receipts and lasting digests are made with
//	epoch/<n>        what pseudonyms are made with, for 90 days: [Vault.Session], [Vault.Reporter], [Vault.Digest]
//	case/<id>        what the texts of a case are sealed with: [Vault.Seal], [Vault.Open]
//	relay/<id>       what the number of a reporter is sealed with, see package relay
//
// Deleting a key destroys what was made with it, wherever copies of that lie
// ([Vault.Shred], [Vault.Advance]). Changing the material seals the keys anew and
// touches no text ([Rotate], [Vault.Rewrap]). Two officers together bring a lost
// material back ([MakeEscrow]).
//
// Hashes are HMAC-SHA-256 with a key per purpose, drawn by HKDF (RFC 5869); texts
// are sealed with AES-256-GCM by Tink, bound to case, field and key. A plain hash
// of a number is worth nothing: all numbers of the country are tried in 20 seconds
// (domain.md §5.2). So no number is ever hashed without a key.
//
//	material.go  the key and where it comes from      digest.go    pseudonyms and hashes
//	vault.go     opening                              pin.go       slow hashes of PINs
//	seal.go      texts                                receipts.go  receipts hashed ahead
//	wrap.go      keys under keys                      escrow.go    two of many officers
//	keys.go      the key store and its use            filekeys.go  a key store in a file
//	notes.go     what conversations remember
//	rotate.go    rotation and epochs                  rediskeys.go a key store of many processes
package vault
