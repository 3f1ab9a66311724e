package places_test

import (
	"slices"
	"sync"
	"testing"

	"hotline/flows/places"
)

// BenchmarkFind looks names up among all 13,356 of the nation before and after
// the reform.
func BenchmarkFind(b *testing.B) {
	l := nation(b)
	r := places.New(append(slices.Clone(l.before), l.after...), l.mapping, today)
	for _, bb := range []struct{ name, text string }{
		{"exact", "xã Mai Châu"},
		{"with_district", "thanh son, luong son, hoa binh"},
		{"stands_fifty_times", "tan thanh"},
		{"one_slip", "thuong ccoc"},
		{"telex", "Xax DDoofng Taam"},
		{"nothing_fits", "khong biet o dau nua"},
		{"sentence", "be gai nha ben bi danh, ban Lac, xa Mai Chau, xin den ngay"},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r.Find(bb.text, places.Hint{})
			}
		})
	}
}

// BenchmarkFindInSentence reads a text of ten thousand letters.
func BenchmarkFindInSentence(b *testing.B) {
	l := nation(b)
	r := places.New(append(slices.Clone(l.before), l.after...), l.mapping, today)
	long := ""
	for len(long) < 10_000 {
		long += "be gai nha ben bi danh suot dem, xin cac anh chi len ngay giup em, "
	}
	b.ReportAllocs()
	for b.Loop() {
		r.FindInSentence(long, places.Hint{})
	}
}

func BenchmarkNew(b *testing.B) {
	l := nation(b)
	all := append(slices.Clone(l.before), l.after...)
	b.ReportAllocs()
	for b.Loop() {
		places.New(all, l.mapping, today)
	}
}

func TestAnyNumberOfCallersShareAResolver(t *testing.T) {
	r := sample(t)
	want := r.Find("cao son", places.Hint{})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 50 {
				got := r.Find("cao son", places.Hint{})
				if !slices.Equal(got.Options, want.Options) || !slices.Equal(got.Labels, want.Labels) {
					t.Errorf("got %v, want %v", got.Labels, want.Labels)
				}
				r.FindInSentence("be o xa mai chaau, huyen luong son", places.Hint{Province: "Phú Thọ"})
			}
		})
	}
	wg.Wait()
}
