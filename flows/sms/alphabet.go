package sms

import "golang.org/x/text/unicode/norm"

// Alphabet is how the characters of a text travel.
type Alphabet int

// The alphabets.
const (
	GSM7 Alphabet = iota // 7-bit default alphabet with its extension table
	UCS2                 // 16 bits for each unit, two units for an emoji
)

// String names the alphabet as bills and logs do.
func (a Alphabet) String() string {
	if a == GSM7 {
		return "GSM-7"
	}
	return "UCS-2"
}

// basic is the default alphabet without the escape itself, extended the table
// that is reached through it: those cost two septets.
const (
	basic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	extended = "\f^{}\\[~]|€"
)

// septets holds the cost of every character of GSM-7; it is never changed.
var septets = func() map[rune]int {
	m := make(map[rune]int, 138)
	for _, r := range basic {
		m[r] = 1
	}
	for _, r := range extended {
		m[r] = 2
	}
	return m
}()

// Class is the alphabet that the text needs.
func Class(text string) Alphabet {
	for _, r := range norm.NFC.String(text) {
		if septets[r] == 0 {
			return UCS2
		}
	}
	return GSM7
}

// cost is how many units of the alphabet a character takes.
func (a Alphabet) cost(r rune) int {
	if a == GSM7 {
		return septets[r]
	}
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// Units counts the characters of the text as the network does.
func Units(text string) int {
	text = norm.NFC.String(text)
	return units(text, Class(text))
}

func units(text string, a Alphabet) int {
	n := 0
	for _, r := range text {
		n += a.cost(r)
	}
	return n
}
