package account

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The length of a password in letters. The longest bounds what a stranger can
// make us hash.
const (
	shortest = 10
	longest  = 128
)

// Weak is why a password is refused, or "": "short", "long", "name" or "common".
// There is no rule about kinds of letters: people answer those with Password1!
// (NIST SP 800-63B §3.1.1.2).
func Weak(password, name string) string {
	low := strings.ToLower(password)
	switch n := utf8.RuneCountInString(password); {
	case n < shortest:
		return "short"
	case n > longest:
		return "long"
	case len(name) >= 4 && strings.Contains(low, name):
		return "name"
	case common(low):
		return "common"
	}
	return ""
}

// common reports whether a password is one of those that are tried first: a
// common word with digits and signs around it, a run along the keyboard, or few
// letters over and over.
func common(low string) bool {
	seen := map[rune]bool{}
	for _, r := range low {
		seen[r] = true
	}
	if len(seen) < 5 {
		return true
	}
	word := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return r
		}
		return -1
	}, low)
	for c := range strings.FieldsSeq(commonWords) {
		if word == c || word == c+c {
			return true
		}
	}
	for run := range strings.FieldsSeq(commonRuns) {
		for strings.Contains(low, run) {
			low = strings.Replace(low, run, "", 1)
		}
	}
	return utf8.RuneCountInString(low) < shortest/2
}

// What people choose first, in English and Vietnamese: the heads of the lists
// that attackers use, without the digits behind them.
const (
	commonWords = `password passwd pass passw welcome admin administrator hotline letmein iloveyou
		monkey dragon football sunshine princess master superman batman trustno changeme secret login
		matkhau matkhaumoi khongbiet anhyeuem emyeuanh yeuem yeuanh vietnam hanoi saigon hoabinh phutho
		maichau xinchao chaoban treem baovetreem duongdaynong quangtri congan ubnd uyban test demo user`
	commonRuns = `1234567890 0987654321 123456789 987654321 12345678 87654321 1234567 123456 654321 12345 54321
		qwertyuiop qwerty asdfghjkl asdfgh zxcvbnm abcdefghij abcdef abcd 1q2w3e4r5t 1qaz2wsx 111111 000000
		123123 112233 2468 1357 2024 2025 2026 1990 1985`
)
