package engine_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hotline/flows/engine"
)

// golden compares a text with a file, or writes the file with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(got), "\n"), strings.Split(string(want), "\n")); diff != "" {
		t.Errorf("differs from %s (-got +want):\n%s", file, diff)
	}
}

func TestMermaid(t *testing.T) {
	var b bytes.Buffer
	if err := shipped(t).Mermaid(&b, "report", "en"); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/report.mmd", b.Bytes())
}

func TestSVGDrawsEveryStateOnce(t *testing.T) {
	set := shipped(t)
	for _, flow := range set.Names() {
		t.Run(flow, func(t *testing.T) {
			var first, again bytes.Buffer
			if err := errors.Join(set.SVG(&first, flow, "vi"), set.SVG(&again, flow, "vi")); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(first.Bytes(), again.Bytes()) {
				t.Error("the same flow is drawn differently the second time")
			}
			boxes := readBoxes(t, &first)
			if len(boxes) < 2 {
				t.Errorf("only %d boxes", len(boxes))
			}
			for i, a := range boxes {
				for _, b := range boxes[:i] {
					if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
						t.Errorf("boxes %+v and %+v lie on each other", a, b)
					}
				}
			}
		})
	}
}

type box struct {
	X      float64 `xml:"x,attr"`
	Y      float64 `xml:"y,attr"`
	Width  float64 `xml:"width,attr"`
	Height float64 `xml:"height,attr"`
}

// readBoxes reads the drawing as XML, which proves that it is, and returns the
// boxes.
func readBoxes(t *testing.T, r io.Reader) []box {
	t.Helper()
	var boxes []box
	d := xml.NewDecoder(r)
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return boxes
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "rect" {
			var b box
			if err := d.DecodeElement(&b, &start); err != nil {
				t.Fatal(err)
			}
			boxes = append(boxes, b)
		}
	}
}

func TestDrawingAnUnknownFlow(t *testing.T) {
	set := shipped(t)
	for _, err := range []error{set.SVG(io.Discard, "nowhere", "vi"), set.Mermaid(io.Discard, "nowhere", "vi")} {
		if !errors.Is(err, engine.ErrState) {
			t.Errorf("error %v", err)
		}
	}
}

func TestTryShowsThePhone(t *testing.T) {
	var b bytes.Buffer
	try := engine.Try{Set: shipped(t), Language: "en", Out: &b, In: strings.NewReader(
		"2\n1\nMai Chau\n3\n98\n:retry\n:drop\n1\n0\n2\n2\n1\n")}
	if err := try.Play("report"); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/try.txt", b.Bytes())
}

func TestTryStopsWhenTheInputDoes(t *testing.T) {
	try := engine.Try{Set: shipped(t), Out: io.Discard, In: strings.NewReader("2\n1\nMai Chau\n")}
	if err := try.Play("report"); err != nil {
		t.Errorf("error %v", err)
	}
	if err := try.Play("nowhere"); !errors.Is(err, engine.ErrState) {
		t.Errorf("unknown flow: %v", err)
	}
}
