package ledger

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTold(t *testing.T) {
	l := newLedger(t)
	told := Told{Marks: map[string]Mark{"held/1026000001": {At: noon, Unsent: []string{"webhook"}}, "silence": {At: noon}}, Later: 2}
	var before, after Told
	view(t, l, func(tx *Tx) (err error) {
		before, err = tx.Told()
		return err
	})
	update(t, l, func(tx *Tx) error { return tx.PutTold(told) })
	commits := l.Commits()
	update(t, l, func(tx *Tx) error { return tx.PutTold(told) })
	view(t, l, func(tx *Tx) (err error) {
		after, err = tx.Told()
		return err
	})
	if diff := cmp.Diff(told, after); diff != "" || before.Marks != nil || before.Later != 0 {
		t.Errorf("before %v, -want +got\n%s", before, diff)
	}
	if l.Commits() != commits {
		t.Error("what is known already was written again")
	}
}
