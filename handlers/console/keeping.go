package console

// Keeping is how the servers of Redis keep what they are told, and how many copies
// a confirmed report has.
type Keeping struct {
	Servers      []Server
	WaitReplicas int    // how many replicas must have what a person is told
	ClockSkew    string // how far the clock of Redis is ahead of this machine's; empty: there is none
}

// Server is one of them, as it describes itself.
type Server struct {
	Version    string
	Role       string
	AppendOnly string
	Fsync      string
	Eviction   string
	Replicas   int
	// Faults are the names of what could lose a report, as in store.Fault.
	Faults []string
}
