package flows

import (
	"fmt"
	"io"
	"strings"
)

// Receipt is what a reporter keeps: eight digits that look like a phone number
// and a PIN of six. Only keyed hashes of either are stored.
type Receipt struct {
	Number string // eight digits, the last a check digit
	PIN    string // PINDigits digits
}

// PINDigits is how long a PIN is. Nobody may be shut out by what others guess, so
// whoever knows a receipt has as many first guesses as phones: with four digits a
// thousand phones would hit one time in ten, with six one time in a thousand.
const PINDigits = 6

// NewReceipt draws a receipt whose partition is want of n.
func NewReceipt(r io.Reader, want, n int) (Receipt, error) {
	const digits = "0123456789"
	d := dice{r: r}
	number, pin := make([]byte, 8), make([]byte, PINDigits)
	for {
		if err := d.draw(number[:7], digits); err != nil {
			return Receipt{}, fmt.Errorf("draw a receipt: %w", err)
		}
		if number[7] = checkDigit(number[:7]); partition(number, n) == want {
			break
		}
	}
	if err := d.draw(pin, digits); err != nil {
		return Receipt{}, fmt.Errorf("draw a PIN: %w", err)
	}
	return Receipt{Number: string(number), PIN: string(pin)}, nil
}

// ParseReceipt reads a receipt number as people type it, with or without spaces,
// and reports whether its check digit is right.
func ParseReceipt(s string) (string, bool) {
	s = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '.' {
			return -1
		}
		return r
	}, s)
	if len(s) != 8 || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return s, checkDigit([]byte(s[:7])) == s[7]
}

// Groups is the number as it is shown: 4821 9037.
func (r Receipt) Groups() string { return r.Number[:4] + " " + r.Number[4:] }

// String hides the receipt.
func (Receipt) String() string { return "[receipt]" }

// GoString hides the receipt.
func (Receipt) GoString() string { return "[receipt]" }

// Format hides the receipt for every other verb, %d among them.
func (Receipt) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[receipt]") }

// checkDigit is the Luhn digit (ISO/IEC 7812-1 annex B): it finds every single
// wrong digit and nearly every swap of neighbours.
func checkDigit(s []byte) byte {
	sum := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}
