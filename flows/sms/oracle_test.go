package sms_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"hotline/flows/sms"
)

const oracleDir = "testdata/oracle"

// TestAgainstAnIndependentCounter counts ten thousand texts with a program that
// nobody here wrote. It does not skip: without npm it fails and says what to
// install.
func TestAgainstAnIndependentCounter(t *testing.T) {
	install(t)
	texts := generated(10_000)
	var in bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, s := range texts {
		if err := enc.Encode(s); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "node", "segments.js")
	cmd.Dir, cmd.Stdin = oracleDir, &in
	out, err := cmd.Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			t.Fatalf("node segments.js: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("node segments.js: %v\ninstall it: apt-get install nodejs npm", err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(lines) != len(texts) {
		t.Fatalf("%d answers to %d texts", len(lines), len(texts))
	}
	wrong := 0
	for i, s := range texts {
		count, _ := sms.Segments(s)
		if got := fmt.Sprintf("%v %d", sms.Class(s), count); got != lines[i] {
			if wrong++; wrong <= 5 {
				t.Errorf("%+q: we say %s, it says %s", s, got, lines[i])
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d differ", wrong, len(texts))
	}
}

// install puts the counter into its own folder, once.
func install(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(oracleDir, "node_modules", "sms-segments-calculator", "package.json")); err == nil {
		return
	}
	cmd := exec.CommandContext(t.Context(), "npm", "ci", "--no-audit", "--no-fund")
	cmd.Dir = oracleDir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("npm ci in flows/sms/%s: %v\n%s\ninstall it: apt-get install nodejs npm", oracleDir, err, out)
	}
}

// generated draws texts of all kinds of letters, many of them about as long as
// one, two or three segments. Letters that are joined to others from several
// characters are left out: the other program never cuts those, networks do.
func generated(n int) []string {
	rng := rand.New(rand.NewPCG(42, 42))
	kinds := [][]rune{
		[]rune("abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789 .,:;!?/()\n"),
		[]rune("^{}\\[~]|€"),
		[]rune("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà"),
		[]rune("ăâđêôơưĂÂĐÊÔƠƯáàảãạấầẩẫậắằẳẵặéẻẽẹếềểễệóỏõọốồổỗộớờởỡợúủũụứừửữựíỉĩịýỳỷỹỵ"),
		[]rune("“”‘’–—…`ç´•"),
		[]rune("😀😢🙏🏠🚨👧👦"),
		[]rune("日本語กขคمرحبا"),
	}
	edges := []int{1, 35, 66, 67, 68, 69, 70, 71, 72, 133, 134, 135, 152, 153, 154, 159, 160, 161, 200, 201, 202, 305, 306, 307, 458, 459, 460}
	texts := make([]string, n)
	for i := range texts {
		length := 1 + rng.IntN(250)
		if i%2 == 0 {
			length = max(1, edges[rng.IntN(len(edges))]+rng.IntN(3)-1)
		}
		// Mostly one kind, so that texts of pure GSM-7 are as common as others.
		main, rare := kinds[rng.IntN(4)], kinds[rng.IntN(len(kinds))]
		if rng.IntN(3) > 0 {
			rare = kinds[rng.IntN(3)]
		}
		share := rng.IntN(4) * rng.IntN(15)
		var b strings.Builder
		for range length {
			from := main
			if rng.IntN(100) < share {
				from = rare
			}
			b.WriteRune(from[rng.IntN(len(from))])
		}
		texts[i] = norm.NFC.String(b.String())
	}
	// Those that a program gets wrong that counts octets, or needs spaces to part at.
	sentence := "tôibiếtcómộtbégáibịnhốttrongnhàởcuốibảnmẹbélàmxahainămrồikhôngaidámhỏithămvìsợôngấy"
	return append(texts[:n-4], strings.Repeat("ạ", 200), sentence, strings.Repeat(sentence, 7), strings.Repeat("Đặng", 134))
}
