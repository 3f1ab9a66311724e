package dialog

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"hotline/flows"
	"hotline/flows/escalation"
	"hotline/flows/places"
)

// Words are what reporters write when they mean danger or a kind of harm, and
// the keywords of texts. They are data of a language: configs/words.
type Words struct {
	danger   phrases
	official phrases
	kinds    phrases
	slang    map[string]string
	keywords map[string]keyword
	answers  map[string]string // folded word → yes, no, unknown, or an hour of flows
	tongues  map[string]string // keyword → the language it is of
	reasons  phrases           // why somebody cannot take a case
}

// keyword is a text that is a command.
type keyword string

// The keywords.
const (
	keyStop   keyword = "stop"
	keyHelp   keyword = "help"
	keyCode   keyword = "code"
	keyReport keyword = "report"
	keyAdvice keyword = "advice"
	keyTake   keyword = "take"
	keyPass   keyword = "decline"
)

// Found is what words say of a report.
type Found struct {
	Danger   bool
	Kind     string // a code of categories.yaml, or ""
	Official bool   // it is about somebody who holds office
	Language string // of what was found; "" if that was nothing
}

type wordFile struct {
	Danger   []string             `yaml:"danger"`
	Official []string             `yaml:"official"`
	Kinds    []kindWords          `yaml:"kinds"`
	Slang    map[string]string    `yaml:"slang"`
	Keywords map[keyword][]string `yaml:"keywords"`
	Reasons  []struct {
		Reason string   `yaml:"reason"`
		Words  []string `yaml:"words"`
	} `yaml:"reasons"`
	Yes     []string `yaml:"yes"`
	No      []string `yaml:"no"`
	Unknown []string `yaml:"unknown"`

	// The hours at which a text is safe.
	Morning   []string `yaml:"morning"`
	Afternoon []string `yaml:"afternoon"`
	Evening   []string `yaml:"evening"`
}

type kindWords struct {
	Kind  string   `yaml:"kind"`
	Words []string `yaml:"words"`
}

// LoadWords reads configs/words/*.yaml. All languages are read together: people
// mix them, and nobody has told us theirs in a first text.
func LoadWords(fsys fs.FS) (Words, error) {
	names, err := fs.Glob(fsys, "words/*.yaml")
	if err != nil {
		return Words{}, err
	}
	if len(names) == 0 {
		return Words{}, fmt.Errorf("words/*.yaml: %w", fs.ErrNotExist)
	}
	w := Words{slang: map[string]string{}, keywords: map[string]keyword{}, answers: map[string]string{}, tongues: map[string]string{}}
	for _, name := range names {
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return Words{}, err
		}
		var f wordFile
		if err := yaml.Load(data, &f, yaml.WithKnownFields()); err != nil {
			return Words{}, fmt.Errorf("%s: %w", path.Base(name), err)
		}
		if err := w.add(f, strings.TrimSuffix(path.Base(name), ".yaml")); err != nil {
			return Words{}, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return w, nil
}

// add joins the words of a language. A keyword that means two things would make
// a text do what nobody wrote, so it is refused.
func (w *Words) add(f wordFile, language string) error {
	for from, to := range f.Slang {
		w.slang[places.Fold(from)] = places.Fold(to)
	}
	if err := w.addPhrases(&w.danger, "", f.Danger, language); err != nil {
		return fmt.Errorf("danger: %w", err)
	}
	if err := w.addPhrases(&w.official, "", f.Official, language); err != nil {
		return fmt.Errorf("official: %w", err)
	}
	for _, k := range f.Kinds {
		if err := w.addPhrases(&w.kinds, k.Kind, k.Words, language); err != nil {
			return fmt.Errorf("kind %s: %w", k.Kind, err)
		}
	}
	for _, r := range f.Reasons {
		if !slices.Contains(escalation.DeclineReasons(), r.Reason) {
			return fmt.Errorf("reasons: expected one of %v, got %q", escalation.DeclineReasons(), r.Reason)
		}
		if err := w.addPhrases(&w.reasons, r.Reason, r.Words, language); err != nil {
			return fmt.Errorf("reason %s: %w", r.Reason, err)
		}
	}
	for key, words := range f.Keywords {
		for _, s := range words {
			folded := squash(s)
			if have, ok := w.keywords[folded]; ok && have != key {
				return fmt.Errorf("keyword %q means both %s and %s", s, have, key)
			}
			w.keywords[folded], w.tongues[folded] = key, language
		}
	}
	for answer, words := range map[string][]string{
		"yes": f.Yes, "no": f.No, "unknown": f.Unknown,
		string(flows.Morning): f.Morning, string(flows.Afternoon): f.Afternoon, string(flows.Evening): f.Evening,
	} {
		for _, s := range words {
			folded := squash(s)
			if have, ok := w.answers[folded]; ok && have != answer {
				return fmt.Errorf("%q means both %s and %s", s, have, answer)
			}
			w.answers[folded] = answer
		}
	}
	return nil
}

func (w *Words) addPhrases(to *phrases, code string, texts []string, language string) error {
	for _, s := range texts {
		words := w.fields(s)
		if len(words) == 0 {
			return fmt.Errorf("%q has no word", s)
		}
		to.add(phrase{words, code, language})
	}
	return nil
}

// fields is a text as its words are compared: without accents, keyboard
// leftovers or the spelling of teenagers.
func (w *Words) fields(text string) []string {
	s := places.Bare(text)
	out := make([]string, 0, 1+len(s)/4)
	for at := 0; at < len(s); at++ {
		if !isPlain(s[at]) {
			continue
		}
		from := at
		for at < len(s) && isPlain(s[at]) {
			at++
		}
		word := s[from:at]
		if meant, ok := w.slang[word]; ok {
			out = append(out, strings.Fields(meant)...)
			continue
		}
		out = append(out, word)
	}
	return out
}

// isPlain reports whether a byte of a bare text is of a word. No byte of a longer
// letter is.
func isPlain(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }

// maxRead is how much of a text is looked at. All of it is kept.
const maxRead = 10_000

// Find looks for danger and for a kind of harm. The kinds stand in the file in
// the order in which they count.
func (w *Words) Find(text string) Found {
	if len(text) > maxRead {
		text = text[:maxRead]
	}
	words := spellings(w.fields(text))
	var f Found
	danger, official, kind := w.danger.in(words), w.official.in(words), w.kinds.in(words)
	f.Danger, f.Official = danger != nil, official != nil
	if kind != nil {
		f.Kind = kind.code
	}
	if p := cmp.Or(danger, official, kind); p != nil {
		f.Language = p.language
	}
	return f
}

// squash is a whole message as keywords are compared: no case, accents, spaces
// or full stops.
func squash(s string) string {
	bare := places.Bare(s)
	b := make([]byte, 0, len(bare))
	for i := range len(bare) {
		if isPlain(bare[i]) {
			b = append(b, bare[i])
		}
	}
	return string(b)
}
