package engine_test

import (
	"fmt"
	"os"

	"hotline/flows"
	"hotline/flows/engine"
	"hotline/flows/sms"
)

// A caller turns the language, says that a child is in danger and reads the next
// question. The program runs the verbs; here they do nothing.
func Example() {
	files := os.DirFS("../../configs")
	texts, err := engine.LoadPlainTexts(files, sms.Unaccent)
	if err != nil {
		fmt.Println(err)
		return
	}
	set, err := engine.Load(files, texts, verbs)
	if err != nil {
		fmt.Println(err)
		return
	}
	run := func(verb string, _ *flows.Session, _ string) (string, error) {
		fmt.Println("verb:", verb)
		return "ok", nil
	}
	s := &flows.Session{Channel: flows.USSD, Language: "vi"}
	if err := set.Start(s, "report", run); err != nil {
		fmt.Println(err)
		return
	}
	for _, answer := range []string{"9", "1"} {
		if err := set.Step(s, answer, run); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(s.Screen.Text)
	}
	// Output:
	// Is a child in danger right now?
	// 1 Yes, now
	// 2 No
	// 3 Ask about an earlier report
	// 4 Advice, emergency numbers
	// 9 Tieng Viet
	// verb: file
	// What is happening?
	// 1 Beaten or hurt
	// 2 Sexual abuse
	// 3 Forced work, trafficking
	// 4 Left alone, neglected
	// 5 Child marriage
	// 6 Something else
	// 00 Back
}
