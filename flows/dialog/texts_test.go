package dialog_test

import (
	"regexp"
	"strings"
	"testing"

	"hotline/configs"
	"hotline/flows/dialog"
	"hotline/flows/engine"
	"hotline/flows/sms"
)

// longest are the longest values that a placeholder can have.
var longest = strings.NewReplacer(
	"{receipt}", "4821 9037", "{pin}", "551208", "{ref}", "K7F4A", "{first}", "K7F4A",
	"{refs}", "K7F4A, K7F4B, K7F4C, K7F4D, K7F4E, K7F4F, K7F4G, K7F4H, ...",
	"{who}", "Truong nhom thuong truc bao ve tre em xa", "{at}", "21:04",
)

var placeholder = regexp.MustCompile(`\{\w+\}`)

func TestEveryTextFitsOneSegment(t *testing.T) {
	texts, err := engine.LoadPlainTexts(configs.Files, sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	for lang, keys := range texts {
		fits := func(key, text string) {
			t.Helper()
			text = longest.Replace(text)
			if n := sms.Units(text); sms.Class(text) != sms.GSM7 || n > 160 {
				t.Errorf("%s %s: %d units: %s", lang, key, n, text)
			}
			if rest := placeholder.FindString(text); rest != "" && rest != "{status}" && rest != "{question}" {
				t.Errorf("%s %s: nothing fills %s", lang, key, rest)
			}
		}
		status, question := "", ""
		for key, text := range keys {
			switch {
			case strings.HasPrefix(key, "sms.status_") && len(text) > len(status):
				status = text
			case strings.HasPrefix(key, "ask.") && len(text) > len(question):
				question = text
			}
			if strings.HasPrefix(key, "sms.") || strings.HasPrefix(key, "staff.") || strings.HasPrefix(key, "ask.") {
				fits(key, text)
			}
		}
		for _, key := range []string{"sms.danger", "sms.place", "sms.contact"} {
			fits("sms.got "+key, keys["sms.got"]+" "+keys[key])
		}
		fits("sms.got and a question", keys["sms.got"]+" "+question)
		fits("sms.status and a question", strings.ReplaceAll(keys["sms.status"], "{status}", status)+" "+question)
	}
}

// TestTextsToAReporterAreBland: whoever picks up the phone learns nothing.
func TestTextsToAReporterAreBland(t *testing.T) {
	texts, err := engine.LoadPlainTexts(configs.Files, sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	forbidden := regexp.MustCompile(`(?i)\b(tre|tre em|be|chau|xam hai|danh|bao hanh|hiep|nguy hiem|child|children|abuse|hurt|danger|police report)\b|\{(place|place_name|kind)\}`)
	for lang, keys := range texts {
		for key, text := range keys {
			if !strings.HasPrefix(key, "sms.") && !strings.HasPrefix(key, "ask.") {
				continue
			}
			if word := forbidden.FindString(text); word != "" {
				t.Errorf("%s %s says %q: %s", lang, key, word, text)
			}
		}
	}
	for _, lang := range []string{"vi", "en"} {
		r := dialog.Unavailable(texts, lang)
		if !r.End || !strings.Contains(r.Text, "111") || !strings.Contains(r.Text, "113") {
			t.Errorf("%s: %+v", lang, r)
		}
	}
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	texts, err := engine.LoadPlainTexts(configs.Files, sms.Unaccent)
	if err != nil {
		t.Fatal(err)
	}
	for key := range texts["vi"] {
		own := strings.HasPrefix(key, "sms.") || strings.HasPrefix(key, "staff.") || strings.HasPrefix(key, "ask.")
		if _, ok := texts["en"][key]; own && !ok {
			t.Errorf("en lacks %s", key)
		}
	}
}
