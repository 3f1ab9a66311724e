// Package api is the hotline for programs: the data and the deeds of the console
// as JSON under /api/v1.
//
// openapi.yaml is the one list of routes: [New] makes the routes out of it and
// refuses an operation without a handler, and the reverse. What each asks of its
// token stands there too, as x-verb. A token works in the name of a person, and
// access.Guard, the same as below the console, decides what it sees and does.
//
// Start with api.go, then call.go: what surrounds every request.
package api
