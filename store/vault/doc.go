// Package vault keeps what nobody may read: it seals texts, turns phone numbers
// into keyed pseudonyms, and hashes receipts.
//
// Everything comes from one key of 32 bytes, the [Material], which lives outside
// the store: in a file, in the environment, or nowhere at all in the demo. Every
// use has a key of its own, drawn from it with HKDF (RFC 5869) by purpose, and
// by epoch where pseudonyms are concerned.
//
//	pseudonyms   HMAC-SHA-256 under the key of a purpose and an epoch: [Vault.Session],
//	             [Vault.Reporter], [Vault.Digest]
//	receipts     HMAC-SHA-256 under a key that lasts: [Vault.Receipt], [Vault.PIN]
//	texts        AES-256-GCM by Tink under a data key, itself sealed under the key-encryption
//	             key: [Vault.Seal], [Vault.Open]
//
// A plain hash of a number is worth nothing: all numbers of the country are tried
// in 20 seconds (domain.md §5.2). So no number is ever hashed without a key.
package vault
