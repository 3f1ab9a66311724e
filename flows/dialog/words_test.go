package dialog_test

import (
	"strings"
	"testing"

	"hotline/configs"
	"hotline/flows/dialog"
)

func shippedWords(t testing.TB) dialog.Words {
	t.Helper()
	w, err := dialog.LoadWords(configs.Files)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWordsAsPeopleWriteThem(t *testing.T) {
	w := shippedWords(t)
	for _, c := range []struct {
		text   string
		danger bool
		kind   string
	}{
		{"be gai nha ben bi danh", false, "VIOLENCE"},
		{"bé gái nhà bên bị đánh đập", false, "VIOLENCE"},
		{"Be\u0301 ga\u0301i bi\u0323 \u0111a\u0301nh", false, "VIOLENCE"},
		{"bij ddanhs", false, "VIOLENCE"},
		{"bi5 d9anh1", false, "VIOLENCE"},
		{"BI DANH!!!", false, "VIOLENCE"},
		{"chau bi bo roi", false, "NEGLECT"},
		{"em bi boor roiwf", false, "NEGLECT"},
		{"thay giao xam haij hoc sinh", false, "SEXUAL"},
		{"xâm hại", false, "SEXUAL"},
		{"cuwsu voiws", true, ""},
		{"cứu với", true, ""},
		{"cuu em vs dag bi nhot", true, "VIOLENCE"},
		{"den ngay di ko chau chet mat", true, ""},
		{"no dag danh e", true, "VIOLENCE"},
		{"ca nha danh bai, con bo doi", false, "NEGLECT"},
		{"bat chau nghi hoc lay chong som", false, "CHILD_MARRIAGE"},
		{"tảo hôn", false, "CHILD_MARRIAGE"},
		{"bo bat con di an xin", false, "EXPLOITATION"},
		{"help me they are beating my brother", true, "VIOLENCE"},
		{"a girl is raped", false, "SEXUAL"},
		{"chau hoi duong", false, ""},
		{"", false, ""},
		{"ساعدوني", false, ""},
	} {
		if got := w.Find(c.text); got.Danger != c.danger || got.Kind != c.kind {
			t.Errorf("%q: got %+v, want danger %v, kind %q", c.text, got, c.danger, c.kind)
		}
	}
}

func TestWordsOfALongTextAreFoundQuickly(t *testing.T) {
	w := shippedWords(t)
	long := strings.Repeat("ngay xua ngay xưa ", 1000)
	if got := w.Find(long); got.Danger || got.Kind != "" {
		t.Errorf("found %+v in nothing", got)
	}
}

func BenchmarkWordsOfOneText(b *testing.B) {
	w := shippedWords(b)
	text := "chau o ban Lac xa Mai Chau, bo duong hay say ruou ve danh me con chau, xin den giup, chau so lam roi khong biet keu ai nua"
	for b.Loop() {
		w.Find(text)
	}
}
