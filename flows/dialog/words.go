package dialog

import (
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
	danger   []phrase
	official []phrase
	kinds    []kindPhrase
	slang    map[string]string
	keywords map[string]keyword
	answers  map[string]string // folded word → yes, no, unknown, or an hour of flows
	tongues  map[string]string // keyword → the language it is of
	reasons  []reason          // why somebody cannot take a case
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

type phrase struct {
	words    []string
	language string
}

// reason is a code of package escalation, and words that stand for it.
type reason struct {
	code  string
	words phrase
}

type kindPhrase struct {
	kind  string
	words phrase
}

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
	if err := w.addPhrases(&w.danger, f.Danger, language); err != nil {
		return fmt.Errorf("danger: %w", err)
	}
	if err := w.addPhrases(&w.official, f.Official, language); err != nil {
		return fmt.Errorf("official: %w", err)
	}
	for _, k := range f.Kinds {
		for _, words := range k.Words {
			p := w.fields(words)
			if len(p) == 0 {
				return fmt.Errorf("kind %s: %q has no word", k.Kind, words)
			}
			w.kinds = append(w.kinds, kindPhrase{k.Kind, phrase{p, language}})
		}
	}
	for _, r := range f.Reasons {
		if !slices.Contains(escalation.DeclineReasons(), r.Reason) {
			return fmt.Errorf("reasons: expected one of %v, got %q", escalation.DeclineReasons(), r.Reason)
		}
		for _, words := range r.Words {
			p := w.fields(words)
			if len(p) == 0 {
				return fmt.Errorf("reason %s: %q has no word", r.Reason, words)
			}
			w.reasons = append(w.reasons, reason{r.Reason, phrase{p, language}})
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

func (w *Words) addPhrases(to *[]phrase, texts []string, language string) error {
	for _, s := range texts {
		p := w.fields(s)
		if len(p) == 0 {
			return fmt.Errorf("%q has no word", s)
		}
		*to = append(*to, phrase{p, language})
	}
	return nil
}

// fields is a text as its words are compared: without accents, keyboard
// leftovers or the spelling of teenagers.
func (w *Words) fields(text string) []string {
	words := strings.FieldsFunc(places.Bare(text), func(r rune) bool {
		return !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
	out := make([]string, 0, len(words))
	for _, s := range words {
		if plain, ok := w.slang[s]; ok {
			out = append(out, strings.Fields(plain)...)
			continue
		}
		out = append(out, s)
	}
	return out
}

// maxRead is how much of a text is looked at. All of it is kept.
const maxRead = 10_000

// Find looks for danger and for a kind of harm. The kinds stand in the file in
// the order in which they count.
func (w *Words) Find(text string) Found {
	if len(text) > maxRead {
		text = text[:maxRead]
	}
	words, all := spellings(w.fields(text))
	var f Found
	has := func(p phrase) bool {
		if !all[p.words[0]] || !says(words, p.words) {
			return false
		}
		if f.Language == "" {
			f.Language = p.language
		}
		return true
	}
	f.Danger = slices.ContainsFunc(w.danger, has)
	f.Official = slices.ContainsFunc(w.official, has)
	for _, k := range w.kinds {
		if has(k.words) {
			f.Kind = k.kind
			break
		}
	}
	return f
}

// spelling is a typed word, and the words it is if it was typed with the keys
// that make accents in Telex (bij ddanhs) or VNI (bi5 d9anh1).
type spelling struct{ plain, telex, vni string }

// spellings are those of all words, in order and as a set.
func spellings(words []string) ([]spelling, map[string]bool) {
	out := make([]spelling, len(words))
	all := make(map[string]bool, 2*len(words))
	for i, s := range words {
		out[i] = spelling{s, telex(s), vni(s)}
		all[s], all[out[i].telex], all[out[i].vni] = true, true, true
	}
	return out, all
}

func (s *spelling) is(want string) bool {
	return s.plain == want || s.telex == want || s.vni == want
}

// says reports whether the words of p stand in text, in a row.
func says(text []spelling, p []string) bool {
	for i := 0; i+len(p) <= len(text); i++ {
		match := true
		for j := 0; match && j < len(p); j++ {
			match = text[i+j].is(p[j])
		}
		if match {
			return true
		}
	}
	return false
}

// squash is a whole message as keywords are compared: no case, accents, spaces
// or full stops.
func squash(s string) string {
	return strings.Map(func(r rune) rune {
		if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, places.Bare(s))
}
