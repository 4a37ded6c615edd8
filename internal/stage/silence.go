package stage

import (
	"time"

	"dscosync/internal/ledger"
)

// Silence is since when no run has come to its end, and zero while one did within the limit. It is so when no stage of
// whatever run succeeded, or when one goes on failing while the others succeed; a stage that is run by nobody is no
// failure. A ledger that no run has succeeded with yet has nothing to be missed.
func Silence(tx *ledger.Tx, now time.Time, limit time.Duration) (since time.Time, err error) {
	var newest, failing time.Time
	for _, name := range []string{Cancel.Name, Pull.Name, Track.Name} {
		st, err := tx.Stage(name)
		if err != nil {
			return time.Time{}, err
		}
		if st.Succeeded.After(newest) {
			newest = st.Succeeded
		}
		cut := st.Error != "" || st.Started.After(st.Finished)
		if cut && !st.Succeeded.IsZero() && (failing.IsZero() || st.Succeeded.Before(failing)) {
			failing = st.Succeeded
		}
	}
	if !newest.IsZero() && now.Sub(newest) > limit {
		return newest, nil
	}
	if !failing.IsZero() && now.Sub(failing) > limit {
		return failing, nil
	}
	return time.Time{}, nil
}
