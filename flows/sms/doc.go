// Package sms knows how many characters a phone can show: the two alphabets of
// a text message, segments, and the budget of a USSD screen.
//
// A text is first composed (NFC): a decomposed letter would count two or three
// times. It is then GSM-7 if every character is in the default alphabet or its
// extension table (3GPP TS 23.038 §6.2.1), 160 to a single text and 153 to a
// part; else UCS-2, 70 and 67. Almost every Vietnamese word with its marks is
// UCS-2, so texts for phones are written unaccented, or fall back to
// [Unaccent] when they do not fit; see [Fit].
package sms
