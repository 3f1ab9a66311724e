package record

// Fields are the numbers of the fields of what is stored, for [New]. A field that is missing here is
// stored by its name, which is longer: append it to its list when it is there to
// stay. Never change the order.
func Fields() map[string][]string {
	return map[string][]string{
		"Case": {
			"ID", "Ref", "Version", "Status", "Severity", "Danger", "Kind", "Age",
			"Place", "Texts", "Contact", "Channel", "Provider", "Language", "Receipt", "PIN",
			"Opened", "Routed", "Taken", "Closed", "AgainstOfficial", "Recused", "Policy", "Level",
			"Round", "Since", "Step", "Holder", "Paged", "Stages", "Alerts", "Questions",
			"Sequel", "Timers", "NoTimer", "Missed", "Referrals", "Links", "Tags",
			"Hamlet", "Outcome", "Why", "Hours", "Hold", "Purged", "Notices",
			"Crime", "Sex",
		},
		"Sealed": {
			"Field", "Data",
		},
		"Alert": {
			"ID", "Member", "Level", "Channel", "At", "Delivery", "Provider", "SID",
			"Reason", "Declined", "Phone", "Followed", "Aid", "With",
		},
		"Question": {
			"Key", "By", "Asked", "Answered", "Notice",
		},
		"Referral": {
			"Number", "To", "By", "At",
		},
		"Link": {
			"Kind", "Case", "Ref", "By", "At",
		},
		"Session": {
			"ID", "Version", "Provider", "Channel", "Dial", "Transcript", "Flow", "Edition",
			"State", "Language", "Vars", "Options", "Page", "Trail", "Tries", "Steps",
			"Screen", "Case", "CaseID", "Started", "Touched", "Ended", "Silent",
		},
		"Mark": {
			"Len", "Digest",
		},
		"Option": {
			"Value", "Label",
		},
		"Reply": {
			"Text", "End",
		},
		"Message": {
			"ID", "Case", "Ref", "To", "Phone", "Channel", "Purpose", "Urgent",
			"Level", "Language", "Text", "Due", "Attempts", "Repeat", "Doubt", "Tried",
			"Until", "Next", "Held", "Within", "Place", "Sender", "Lease",
		},
		"Answer": {
			"Field", "Version", "By", "At", "Data", "Rivals",
		},
		"Rival": {
			"By", "At", "Data",
		},
		"Event": {
			"At", "Kind", "Reason", "By", "Level", "Via", "Message", "Detail",
		},
	}
}
