package main

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// canary is what was planted and must not be found: each word in every form in
// which it could lie somewhere.
type canary struct {
	needles map[string][]byte
	looked  int // bytes
}

// spelled is a number as people and programs write it.
func spelled(national string) []string {
	n := strings.TrimPrefix(national, "0")
	return []string{
		"+84" + n, "84" + n, "0" + n, n,
		"0" + n[:3] + " " + n[3:6] + " " + n[6:], "+84 " + n[:2] + " " + n[2:5] + " " + n[5:],
		"0" + n[:3] + "." + n[3:6] + "." + n[6:], "0" + n[:3] + "-" + n[3:6] + "-" + n[6:],
	}
}

func newCanary(words ...string) *canary {
	c := &canary{needles: map[string][]byte{}}
	for _, w := range words {
		quoted, _ := json.Marshal(w)
		for form, b := range map[string][]byte{
			"": []byte(w), "JSON": bytes.Trim(quoted, `"`), "URL": []byte(url.QueryEscape(w)),
			"hex": []byte(hex.EncodeToString([]byte(w))), "HEX": bytes.ToUpper([]byte(hex.EncodeToString([]byte(w)))),
		} {
			c.needles[form+" "+w] = b
		}
		for shift := range 3 { // wherever it lies in a longer text
			coded := base64.StdEncoding.EncodeToString([]byte("\x00\x00"[:shift] + w))
			from := []int{0, 2, 3}[shift]
			c.needles["base64 "+string(rune('0'+shift))+" "+w] = []byte(coded[from : len(coded)-4])
		}
	}
	return c
}

// in searches what somebody could get hold of, also inside what is packed.
func (c *canary) in(t testing.TB, where string, data []byte) (hits int) {
	t.Helper()
	c.looked += len(data)
	for form, needle := range c.needles {
		if len(needle) > 5 && bytes.Contains(data, needle) {
			hits++
			t.Errorf("%s holds the canary %q", where, form)
		}
	}
	if bytes.HasPrefix(data, []byte("%PDF")) {
		hits += c.in(t, where+" as text", pdfText(t, data))
	}
	if z, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err == nil {
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Errorf("%s: %v", where, err)
				continue
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Errorf("%s: %v", where, err)
			}
			hits += c.in(t, where+"/"+f.Name, b)
		}
	}
	return hits
}

// pdfText is what a reader of a PDF sees.
func pdfText(t testing.TB, data []byte) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-", "-")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("read a PDF: %v; apt-get install poppler-utils", err)
	}
	return out
}

// inFiles searches every file below a folder.
func (c *canary) inFiles(t testing.TB, dir string) (files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		c.in(t, strings.TrimPrefix(path, dir), data)
		files++
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return files
}

// inRedis searches names and values of all keys, as the server would move them
// and as it would show them.
func (c *canary) inRedis(t testing.TB, client *redis.Client) (keys int) {
	t.Helper()
	ctx := t.Context()
	all := client.Scan(ctx, 0, "*", 1000).Iterator()
	for all.Next(ctx) {
		key := all.Val()
		keys++
		c.in(t, "the name of a key", []byte(key))
		dump, err := client.Dump(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			t.Error(err)
		}
		c.in(t, "redis "+key, []byte(dump))
	}
	if err := all.Err(); err != nil {
		t.Error(err)
	}
	return keys
}

// TestTheSearchFindsWhatItLooksFor: a search that cannot find is worth nothing.
func TestTheSearchFindsWhatItLooksFor(t *testing.T) {
	c := newCanary(append(spelled("0913572468"), "Lò Thị Canary")...)
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	f, err := z.Create("sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("<v>0913 572 468</v>")); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{
		"plain":         "from +84913572468.",
		"dotted":        "0913.572.468",
		"in a query":    "/x?from=%2B84913572468&y",
		"hex":           "data=" + hex.EncodeToString([]byte("to 0913572468 now")),
		"base64":        base64.StdEncoding.EncodeToString([]byte("to 84913572468 now")),
		"base64 again":  base64.StdEncoding.EncodeToString([]byte("o 84913572468 now")),
		"base64 a last": base64.StdEncoding.EncodeToString([]byte(" 84913572468 now")),
		"quoted name":   `{"n":"L\u00f2 Th\u1ecb Canary"} Lò Thị Canary`,
		"a spreadsheet": packed.String(),
	} {
		quiet := &deaf{TB: t}
		if c.in(quiet, name, []byte(data)) == 0 {
			t.Errorf("%s: the canary is not found", name)
		}
	}
	if n := c.in(&deaf{TB: t}, "nothing", []byte("913 572 469 0913572469 and more")); n != 0 {
		t.Errorf("%d hits where there is nothing", n)
	}
}

// deaf is a test that does not mind errors.
type deaf struct {
	testing.TB
	errors int
}

func (*deaf) Helper()                 {}
func (d *deaf) Errorf(string, ...any) { d.errors++ }
