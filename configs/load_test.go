package configs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	thtml "html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"
	ttext "text/template"
	"time"

	"hotline/configs"
)

var update = flag.Bool("update", false, "write the faults found as the faults wanted")

func TestLoadNamesEveryFault(t *testing.T) {
	files, err := filepath.Glob("testdata/bad-*.yaml")
	if err != nil || len(files) < 12 {
		t.Fatalf("%d bad files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			_, err := configs.Load(file, nil)
			if err == nil {
				t.Fatal("loaded")
			}
			got := strings.ReplaceAll(err.Error(), file, "FILE") + "\n"
			golden := strings.TrimSuffix(file, ".yaml") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("faults:\n%swant:\n%s", got, want)
			}
		})
	}
}

func TestLoadLaysTheEnvironmentOverTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "h.yaml")
	if err := os.WriteFile(file, []byte("redis: {partitions: 8, addresses: ['127.0.0.1:1']}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := configs.Load(file, []string{"HOTLINE_REDIS_ADDRESSES=127.0.0.1:2,127.0.0.1:3", "HOTLINE_TWILIO_TOKEN=abc", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintln(c.Redis.Partitions, c.Redis.Addresses, c.Twilio.Token.Reveal(), c.WebhookTimeout); got != "8 [127.0.0.1:2 127.0.0.1:3] abc 2s\n" {
		t.Errorf("settings = %s", got)
	}
	if c.Sessions.USSD != 5*time.Minute {
		t.Errorf("a default that nobody changed = %v", c.Sessions.USSD)
	}
}

func TestLoadNamesFaultsOfTheEnvironment(t *testing.T) {
	_, err := configs.Load("", []string{"HOTLINE_LISTN=x", "HOTLINE_REDIS_PARTITIONS=many", "HOTLINE_REDIS_WEAK=so"})
	if err == nil {
		t.Fatal("loaded")
	}
	for _, want := range []string{
		"HOTLINE_LISTN: no such setting",
		"environment HOTLINE_REDIS_WEAK: redis.weak: expected refuse or warn",
		"environment: Partitions: expected a whole number",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("faults lack %q:\n%v", want, err)
		}
	}
}

func TestLoadOfAFileThatIsNotThere(t *testing.T) {
	if _, err := configs.Load("testdata/none.yaml", nil); err == nil || !strings.Contains(err.Error(), "read the settings") {
		t.Errorf("error = %v", err)
	}
}

func TestSecretIsHiddenHoweverItIsPrinted(t *testing.T) {
	c, err := configs.Load("", []string{"HOTLINE_TWILIO_TOKEN=hunter2", "HOTLINE_KEY=hunter2"})
	if err != nil {
		t.Fatal(err)
	}
	type holder struct {
		private configs.Secret // fmt does not call the methods of what is here
		nested  struct{ list []configs.Secret }
		whole   configs.Config
	}
	h := holder{private: c.Key, whole: c}
	h.nested.list = []configs.Secret{c.Key}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d", "%t"} {
		shown = append(shown, fmt.Sprintf(verb, c), fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h), fmt.Sprintf(verb, c.Key))
	}
	j, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var text, page bytes.Buffer
	const show = "{{.}} {{.Key}} {{printf \"%v %s %q\" .Key .Key .Key}} {{.Twilio}}"
	if err := errors.Join(ttext.Must(ttext.New("").Parse(show)).Execute(&text, c), thtml.Must(thtml.New("").Parse(show)).Execute(&page, c)); err != nil {
		t.Fatal(err)
	}
	shown = append(shown, string(j), text.String(), page.String(), fmt.Errorf("with %v", c.Key).Error(), panicked(c.Key), panicked(c), panicked(h))
	for _, s := range shown {
		if strings.Contains(s, "hunter2") || strings.Contains(s, fmt.Sprintf("%x", "hunter2")) {
			t.Errorf("it shows a secret: %s", s)
		}
	}
}

// panicked is what whoever recovers from a panic prints.
func panicked(v any) (said string) {
	defer func() { said = fmt.Sprintf("%v %+v", recover(), v) }()
	panic(v) //nolint:forbidigo // what a panic prints is what is tested
}

func TestSecretsOfTheSameWordsAreEqual(t *testing.T) {
	a, b := configs.NewSecret("hunter2"), configs.NewSecret("hunter"+fmt.Sprint(2))
	if a != b || a == configs.NewSecret("hunter3") || a.IsZero() || !configs.NewSecret("").IsZero() || (configs.Secret{}).Reveal() != "" || a.Reveal() != "hunter2" {
		t.Error("secrets do not compare as their words do")
	}
}

func FuzzLoad(f *testing.F) {
	data, err := configs.Files.ReadFile("hotline.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("redis: {partitions: 3}\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "f.yaml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Skip()
		}
		_, _ = configs.Load(file, nil)
	})
}
