package stage_test

import (
	"path/filepath"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/stage"
)

func TestSilence(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	good := func(d time.Duration) ledger.Stage {
		return ledger.Stage{Started: ago(d), Finished: ago(d), Succeeded: ago(d)}
	}
	stopped := func(succeeded time.Duration) ledger.Stage {
		return ledger.Stage{Started: ago(time.Minute), Finished: ago(time.Minute), Succeeded: ago(succeeded), Error: "no answer"}
	}
	for _, c := range []struct {
		name   string
		stages map[string]ledger.Stage
		want   time.Time
	}{
		{"a new ledger", nil, time.Time{}},
		{"one that never succeeded", map[string]ledger.Stage{"pull": {Started: ago(9 * time.Hour), Finished: ago(9 * time.Hour), Error: "no answer"}}, time.Time{}},
		{"just run", map[string]ledger.Stage{"pull": good(time.Hour), "push-tracking": good(time.Hour)}, time.Time{}},
		{"at the limit", map[string]ledger.Stage{"pull": good(6 * time.Hour)}, time.Time{}},
		{"nothing ran", map[string]ledger.Stage{"pull": good(7 * time.Hour), "cancel-sync": good(8 * time.Hour)}, ago(7 * time.Hour)},
		{"a stage that nobody runs", map[string]ledger.Stage{"pull": good(time.Hour), "cancel-sync": good(99 * time.Hour)}, time.Time{}},
		{"a stage that goes on failing", map[string]ledger.Stage{"pull": good(time.Hour), "push-tracking": stopped(8 * time.Hour)}, ago(8 * time.Hour)},
		{"two stages that go on failing", map[string]ledger.Stage{"cancel-sync": stopped(9 * time.Hour), "pull": good(time.Hour), "push-tracking": stopped(8 * time.Hour)}, ago(9 * time.Hour)},
		{"the later one for longer", map[string]ledger.Stage{"cancel-sync": stopped(8 * time.Hour), "pull": good(time.Hour), "push-tracking": stopped(9 * time.Hour)}, ago(9 * time.Hour)},
		{"one of them never succeeded", map[string]ledger.Stage{"cancel-sync": stopped(8 * time.Hour), "pull": good(time.Hour), "push-tracking": {Started: ago(time.Minute), Finished: ago(time.Minute), Error: "no answer"}}, ago(8 * time.Hour)},
		{"a failure that is at the limit", map[string]ledger.Stage{"pull": good(time.Hour), "push-tracking": stopped(6 * time.Hour)}, time.Time{}},
		{"a stage that failed just now", map[string]ledger.Stage{"pull": good(time.Hour), "push-tracking": stopped(2 * time.Hour)}, time.Time{}},
		{"a stage that is always cut off", map[string]ledger.Stage{"pull": good(time.Hour),
			"push-tracking": {Started: ago(time.Minute), Finished: ago(8 * time.Hour), Succeeded: ago(8 * time.Hour)}}, ago(8 * time.Hour)},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, err := ledger.Create(filepath.Join(t.TempDir(), "state.db"))
			if err != nil {
				t.Fatal(err)
			}
			var got time.Time
			err = l.Update(func(tx *ledger.Tx) error {
				for name, st := range c.stages {
					if err := tx.PutStage(name, st); err != nil {
						return err
					}
				}
				got, err = stage.Silence(tx, now, 6*time.Hour)
				return err
			})
			if err != nil || !got.Equal(c.want) {
				t.Errorf("%v, want %v, %v", got, c.want, err)
			}
		})
	}
}
