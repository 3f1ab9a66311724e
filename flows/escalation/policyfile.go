package escalation

import (
	"crypto/sha256"
	"encoding/hex"

	"go.yaml.in/yaml/v4"
)

// policyFile is the shape of escalation.yaml.
type policyFile struct {
	Intake     duration `yaml:"intake"`
	Nobody     duration `yaml:"nobody"`
	UrgentWhen struct {
		Kinds []string `yaml:"kinds"`
		Ages  []string `yaml:"ages"`
	} `yaml:"urgent_when"`
	Paths struct {
		Place    numbers `yaml:"place"`
		Desk     numbers `yaml:"desk"`
		Official numbers `yaml:"official"`
	} `yaml:"paths"`
	Severities struct {
		Urgent ruleFile `yaml:"urgent"`
		Normal ruleFile `yaml:"normal"`
	} `yaml:"severities"`
	Kinds []kindFile `yaml:"kinds"`
	Skip  []skipFile `yaml:"skip"`
	Duty  dutyFile   `yaml:"duty"`
	Aid   struct {
		Urgent   duration `yaml:"urgent"`
		Normal   duration `yaml:"normal"`
		Communes word     `yaml:"communes"`
	} `yaml:"aid"`
	Clocks clocksFile `yaml:"clocks"`
}

type ruleFile struct {
	Ask   word `yaml:"ask"`
	Hours struct {
		From  word    `yaml:"from"`
		To    word    `yaml:"to"`
		NotAt numbers `yaml:"not_at"`
	} `yaml:"hours"`
	Quiet struct {
		From  word    `yaml:"from"`
		To    word    `yaml:"to"`
		NotAt numbers `yaml:"not_at"`
	} `yaml:"quiet"`
	Levels map[int]levelFile `yaml:"levels"`
}

type kindFile struct {
	Kinds    []word            `yaml:"kinds"`
	Severity word              `yaml:"severity"`
	Ask      word              `yaml:"ask"`
	Levels   map[int]levelFile `yaml:"levels"`
}

type skipFile struct {
	Level    word   `yaml:"level"`
	Severity word   `yaml:"severity"`
	Kinds    []word `yaml:"kinds"`
	From     word   `yaml:"from"`
	To       word   `yaml:"to"`
	Because  word   `yaml:"because"`
}

type levelFile struct {
	Wait  duration   `yaml:"wait"`
	Steps []stepFile `yaml:"steps"`
}

type stepFile struct {
	After   duration `yaml:"after"`
	Channel word     `yaml:"channel"`
}

type clocksFile struct {
	Entry struct {
		Urgent entryFile `yaml:"urgent"`
		Normal entryFile `yaml:"normal"`
	} `yaml:"entry"`
	Routing struct {
		Urgent duration `yaml:"urgent"`
		Normal duration `yaml:"normal"`
	} `yaml:"routing"`
	Assessment struct {
		Urgent hoursFile `yaml:"urgent"`
		Normal hoursFile `yaml:"normal"`
	} `yaml:"assessment"`
	Police struct {
		Kinds []word     `yaml:"kinds"`
		Warn  []duration `yaml:"warn"`
		Limit duration   `yaml:"limit"`
	} `yaml:"police"`
	Feedback struct {
		Urgent hoursFile `yaml:"urgent"`
		Normal daysFile  `yaml:"normal"`
	} `yaml:"feedback"`
	Decision hoursFile `yaml:"decision"`
	Plan     daysFile  `yaml:"plan"`
	Approval daysFile  `yaml:"approval"`
	Removal  daysFile  `yaml:"removal"`
	Review   struct {
		Every word `yaml:"every"`
	} `yaml:"review"`
	WarnAt word `yaml:"warn_at"`
}

type entryFile struct {
	First duration `yaml:"first"`
	Again duration `yaml:"again"`
	Pages word     `yaml:"pages"`
}

type hoursFile struct {
	Warn  []duration `yaml:"warn"`
	Limit duration   `yaml:"limit"`
}

type daysFile struct {
	Warn  numbers `yaml:"warn"`
	Limit word    `yaml:"limit"`
}

// word is a scalar that remembers its line, so that a fault found later can
// name it.
type word struct {
	text string
	line int
}

// UnmarshalYAML keeps the text and the line.
func (w *word) UnmarshalYAML(n *yaml.Node) error {
	w.text, w.line = n.Value, n.Line
	return nil
}

// duration is a word like 15m or 12h.
type duration struct{ word }

// numbers is a list of small whole numbers.
type numbers []word

// ParsePolicy reads escalation.yaml and reports every fault at once, each with
// its line.
func ParsePolicy(name string, data []byte) (*Policy, error) {
	var f policyFile
	ck := &checker{name: name}
	if err := yaml.Load(data, &f, yaml.WithKnownFields()); err != nil {
		ck.load(err)
		return nil, ck.err()
	}
	p := ck.policy(f)
	if err := ck.err(); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	p.Version = hex.EncodeToString(sum[:6])
	return p, nil
}
