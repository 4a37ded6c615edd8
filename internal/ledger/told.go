package ledger

import "time"

// Told is what persons were told of already, so that they hear of each thing once.
type Told struct {
	Marks map[string]Mark `json:"marks,omitempty"` // by what the thing is called; it goes when the thing does
	Later int             `json:"later,omitempty"` // runs of sync in a row that left work to be tried again later
	Drift string          `json:"drift,omitempty"` // the day on which it was last looked whether a measure has drifted
}

// Mark is one thing that was told.
type Mark struct {
	At     time.Time `json:"at"`               // when
	Unsent []string  `json:"unsent,omitempty"` // where it did not arrive yet: webhook, command
}

// Told is what persons were told of.
func (tx *Tx) Told() (t Told, err error) {
	_, err = tx.loadMeta("told", &t)
	return t, err
}

// PutTold stores what persons were told of.
func (tx *Tx) PutTold(t Told) error { return tx.setMeta("told", t) }
