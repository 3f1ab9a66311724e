package flows

// Whole is a case with all that belongs to it: what a store must hold to go on
// where another one ended.
type Whole struct {
	Case     Case      `json:"case"` // with its version, timers and alerts
	Timeline []Event   `json:"timeline,omitempty"`
	Waiting  []Message `json:"waiting,omitempty"` // on the outbox
	Answers  []Answer  `json:"answers,omitempty"` // of the forms
}
