package store

import (
	"fmt"

	"hotline/flows"
)

// The names under which the notes of a conversation are sealed.
func sessionNote(id flows.SessionID) string { return "session/" + string(id) }

func turnNote(id flows.SessionID, turn string) string { return "turn/" + string(id) + "/" + turn }

// seal appends a note to b, sealed if there is a sealer.
func (s *Store) seal(b []byte, name string, note []byte) []byte {
	if s.opts.Notes == nil {
		return append(b, note...)
	}
	return s.opts.Notes.SealNote(b, name, note)
}

// unseal is the reverse of seal. What cannot be opened is not there for us: a key
// that is gone comes back no more, and a server that answers with somebody else's
// note is not to be believed.
func (s *Store) unseal(name, sealed string) (string, error) {
	if s.opts.Notes == nil {
		return sealed, nil
	}
	note, err := s.opts.Notes.OpenNote(name, []byte(sealed))
	if err != nil {
		return "", fmt.Errorf("open a note: %w", err)
	}
	return string(note), nil
}

// reply opens the reply that a turn was given.
func (s *Store) reply(t *flows.Turn, sealed string) (flows.Reply, error) {
	note, err := s.unseal(turnNote(t.Session.ID, t.ID), sealed)
	return decodeReply(note), err
}
