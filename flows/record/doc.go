// Package record is the written record of a case: the forms of Decree 56/2017
// with their fields, what may stand in them, how two people's writings of one
// field come together, and what a finished form enters in the case.
//
// [Parse] reads record.yaml. [Merge] and [Form.Faults] are pure. [Service] reads,
// decides and commits: what is written is sealed per case and field before it
// reaches the store, and who opens a form is told to [Service.Opened].
//
//	catalogue.go  forms, bodies, outcomes as data     merge.go    two writings of a field
//	check.go      what may stand in a field           service.go  reading, saving, finishing
//	refer.go      hand-overs to other bodies
package record
