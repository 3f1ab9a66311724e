package dialog_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hotline/flows/transcript"
)

// TestStories plays every story in testdata on the real store. The session is
// saved and read back between any two answers.
func TestStories(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(names) == 0 {
		t.Fatalf("no stories in testdata: %v", err)
	}
	for _, name := range names {
		base := filepath.Base(name)
		if base == "province.txt" {
			continue
		}
		t.Run(strings.TrimSuffix(base, ".txt"), func(t *testing.T) {
			story, err := transcript.Read(os.DirFS("testdata"), base)
			if err != nil {
				t.Fatal(err)
			}
			if story.Title == "" {
				t.Error("the story does not begin with a comment that says what it shows")
			}
			if err := transcript.Play(context.Background(), story, newWorld(t, story.Scene), nil); err != nil {
				t.Error(err)
			}
		})
	}
}
