package ledger

import "time"

// Names are what DSCO calls the retailers. They are the names of companies, no personal data.
type Names struct {
	Asked time.Time         `json:"asked,omitzero"` // when DSCO was last asked, whether or not it answered
	ByID  map[string]string `json:"names,omitempty"`
}

// Names is what DSCO calls the retailers, as far as it was asked.
func (tx *Tx) Names() (n Names, err error) {
	_, err = tx.loadMeta("retailers", &n)
	return n, err
}

// PutNames stores what DSCO calls the retailers.
func (tx *Tx) PutNames(n Names) error { return tx.setMeta("retailers", n) }
