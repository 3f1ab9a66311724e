package transcript

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"hotline/flows"
)

// Story is a parsed story.
type Story struct {
	Name  string // of its file
	Title string // its first comment
	Scene Scene
	Steps []Step
}

// Scene is where a story takes place.
type Scene struct {
	Policy    string // "": the shipped one
	Begin     time.Time
	Directory flows.Directory
	Phones    map[string]flows.Phone // of members, by name
}

// Step is one line that happens.
type Step struct {
	File string
	Line int
	Verb string // ussd on > < retry drop hangup sms ! ring press undelivered asks @ =
	Who  string // a member or a number
	Text string
	Via  flows.Channel // of !
	Wait time.Duration // of @
}

// Read parses a story of a file system. It reports every fault at once, each with
// file and line.
func Read(fsys fs.FS, name string) (*Story, error) {
	p := parser{fsys: fsys, story: &Story{Name: name}, scene: newScene()}
	if err := p.file(name, false); err != nil {
		return nil, err
	}
	p.story.Scene = p.scene.finish(p.faultAt)
	if len(p.faults) > 0 {
		return nil, errors.Join(p.faults...)
	}
	return p.story, nil
}

type parser struct {
	fsys   fs.FS
	story  *Story
	scene  *scene
	faults []error
	name   string
	line   int
}

func (p *parser) fault(format string, args ...any) {
	p.faultAt(here{p.name, p.line}, format, args...)
}

func (p *parser) faultAt(at here, format string, args ...any) {
	p.faults = append(p.faults, fmt.Errorf("%s:%d: %s", at.file, at.line, fmt.Sprintf(format, args...)))
}

// file reads the lines of a file. One that is used by another may only set the
// scene.
func (p *parser) file(name string, used bool) error {
	data, err := fs.ReadFile(p.fsys, name)
	if err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return fmt.Errorf("%s: expected UTF-8", name)
	}
	outer, line := p.name, p.line
	p.name, p.line = name, 0
	defer func() { p.name, p.line = outer, line }()
	sc := bufio.NewScanner(strings.NewReader(string(data)))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		p.line++
		text := strings.TrimRight(sc.Text(), " \t\r")
		if comment, ok := strings.CutPrefix(text, "#"); ok || text == "" {
			if p.story.Title == "" && !used {
				p.story.Title = strings.TrimSpace(comment)
			}
			continue
		}
		if err := p.read(text, used); err != nil {
			return err
		}
	}
	return sc.Err()
}

func (p *parser) read(text string, used bool) error {
	word, rest, _ := strings.Cut(text, " ")
	rest = strings.TrimPrefix(rest, " ")
	switch word {
	case "use":
		if used {
			p.fault("a file that others use may not use another")
			return nil
		}
		return p.file(path.Join(path.Dir(p.name), rest+".txt"), true)
	case "policy", "time", "place", "old", "moved", "duty", "member":
		if len(p.story.Steps) > 0 {
			p.fault("%s stands after the story has begun", word)
		}
		p.scene.at = here{p.name, p.line}
		if err := p.scene.line(word, rest); err != nil {
			p.fault("%v", err)
		}
		return nil
	case "...":
		return nil // screens that the story does not tell
	}
	if used {
		p.fault("a file that others use may only set the scene, got %q", word)
		return nil
	}
	step, err := readStep(word, rest)
	if err != nil {
		p.fault("%v", err)
		return nil
	}
	step.File, step.Line = p.name, p.line
	p.story.Steps = append(p.story.Steps, step)
	return nil
}

func readStep(word, rest string) (Step, error) {
	s := Step{Verb: word, Text: rest}
	switch word {
	case "<", ">", "=", "retry", "drop", "hangup":
		return s, nil
	case "ussd", "on":
		s.Who, s.Text, _ = strings.Cut(rest, " ")
	case "asks":
		s.Who, s.Text, _ = strings.Cut(rest, " ")
		if len(strings.Fields(s.Text)) < 2 {
			return s, errors.New(`expected "asks WHO CASE ask.key"`)
		}
	case "press":
		var ok bool
		if s.Who, s.Text, ok = strings.Cut(rest, " "); !ok || len(s.Text) != 1 {
			return s, errors.New(`expected "press WHO KEY"`)
		}
	case "undelivered", "ring":
		s.Who, s.Text = rest, ""
	case "sms":
		var ok bool
		if s.Who, s.Text, ok = strings.Cut(rest, ":"); !ok {
			return s, errors.New(`expected "sms WHO: text"`)
		}
		s.Text = strings.TrimPrefix(s.Text, " ")
	case "!":
		return readSent(s, rest)
	case "@":
		var err error
		if s.Wait, err = readWait(rest); err != nil {
			return s, fmt.Errorf("expected a time like +15m, got %q", rest)
		}
	default:
		return s, fmt.Errorf("no story line begins with %q", word)
	}
	return s, nil
}

func readSent(s Step, rest string) (Step, error) {
	if rest == "..." {
		return s, nil
	}
	via, rest, _ := strings.Cut(rest, " ")
	switch via {
	case "sms":
		s.Via = flows.SMS
	case "call":
		s.Via = flows.Voice
	default:
		return s, fmt.Errorf(`expected "! sms WHO: text" or "! call WHO:", got %q`, via)
	}
	var ok bool
	if s.Who, s.Text, ok = strings.Cut(rest, ":"); !ok {
		return s, errors.New(`expected a colon after who it goes to`)
	}
	s.Text = strings.TrimSpace(s.Text)
	return s, nil
}

// readWait reads +15m, and days as +2d.
func readWait(s string) (time.Duration, error) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "+")
	if days, ok := strings.CutSuffix(s, "d"); ok {
		d, err := time.ParseDuration(days + "h")
		return 24 * d, err
	}
	return time.ParseDuration(s)
}
