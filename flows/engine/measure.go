package engine

import (
	"strings"
	"unicode/utf16"

	"hotline/flows"
)

// What one screen or segment holds (3GPP TS 23.038, 23.040). USSD would hold 182
// characters and 80; operators cut at less.
const (
	gsmBudget  = 160
	ucs2Budget = 70
)

const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtended = "^{}\\[~]|€\f"
)

// measure is the count that is used unless the program brings a better one.
func measure(text string, _ flows.Channel) (units int, fits bool) {
	for _, r := range text {
		switch {
		case r >= ' ' && r <= 'Z', r >= 'a' && r <= 'z', r == '\n', strings.ContainsRune(gsmBasic, r):
			units++
		case strings.ContainsRune(gsmExtended, r):
			units += 2
		default:
			n := len(utf16.Encode([]rune(text)))
			return n, n <= ucs2Budget
		}
	}
	return units, units <= gsmBudget
}
