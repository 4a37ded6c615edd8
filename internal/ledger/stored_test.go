package ledger

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dscosync/internal/order"
)

var refresh = flag.Bool("update", false, "write the stored ledger of the present schema anew")

// stored is what is in each file in testdata/ledger.
var stored = contents{
	Open: []order.Order{
		sample(1, time.Time{}),
		{ID: "1026000002", PO: "PO-2", DSCO: order.DSCO{Lifecycle: "created"}, Lines: []order.Line{{Number: 1, Ordered: 2}}, Received: noon, Updated: noon,
			Intent: &order.Intent{Write: order.Write{Step: order.Create}, At: noon}, Journal: []uint64{1, 2},
			Notes: []order.Note{{Write: order.Write{Step: order.Create}, Text: "no clear answer", At: noon, Tries: 1}}},
	},
	Done:  []order.Order{sample(3, noon), sample(4, noon.Add(time.Hour))},
	Facts: []order.Facts{sample(3, noon).Facts(), sample(4, noon.Add(time.Hour)).Facts()},
	Journal: []Entry{
		{Seq: 1, At: noon, Run: "k3v9x2qa", Order: "1026000002", Level: Info, Text: "taken up"},
		{Seq: 2, At: noon.Add(time.Second), Run: "k3v9x2qa", Order: "1026000002", Level: Warn, Text: "no clear answer", RequestID: "r-1"},
	},
	Pull:  Stage{Cursor: noon, Started: noon, Finished: noon, Succeeded: noon, Missing: &Missing{At: noon, Count: 1, Orders: []order.ID{"7"}}},
	Store: 12345,
}

// TestStored reads files of each schema, written by the versions of this program that had it. With -update that of the
// present one is written anew, which is right only before it was released.
func TestStored(t *testing.T) {
	folder := filepath.Join("..", "..", "testdata", "ledger")
	if *refresh {
		l := newLedger(t)
		update(t, l, func(tx *Tx) error {
			for _, e := range stored.Journal {
				if _, err := tx.Note(e); err != nil {
					return err
				}
			}
			for _, o := range append(stored.Done, stored.Open...) {
				if err := tx.Put(o); err != nil {
					return err
				}
			}
			if _, err := tx.Settle(noon.Add(9 * day)); err != nil {
				return err
			}
			if err := tx.PutStage("pull", stored.Pull); err != nil {
				return err
			}
			return tx.SetStore(stored.Store)
		})
		if err := os.Rename(l.path, filepath.Join(folder, fmt.Sprintf("v%d.db", l.schema()))); err != nil {
			t.Fatal(err)
		}
	}
	for schema := 1; schema <= at("").schema(); schema++ {
		file, err := os.ReadFile(filepath.Join(folder, fmt.Sprintf("v%d.db", schema)))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "state.db")
		fill(t, path, string(file))
		if _, err := Migrate(path, noon, sound); err != nil {
			t.Fatal(err)
		}
		l, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var got contents
		view(t, l, got.read)
		if len(got.Salt) != 16 {
			t.Errorf("schema %d: salt %x", schema, got.Salt)
		}
		got.Salt = nil
		if diff := cmp.Diff(stored, got); diff != "" {
			t.Errorf("schema %d: -want +got:\n%s", schema, diff)
		}
		update(t, l, func(tx *Tx) error { return tx.Put(sample(5, time.Time{})) })
	}
}
