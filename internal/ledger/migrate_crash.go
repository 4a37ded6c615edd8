//go:build crash

package ledger

import (
	"os"
	"strconv"
	"time"

	"dscosync/internal/order"
)

// With the build tag crash the program knows SCHEMA_AHEAD schemas more than there are, so that a test has it bring a
// state file up to date, kills it on the way, and has a program without them refuse what it left. Each of the migrations
// writes all open rows anew, and a line that tells how often it was done.
func init() {
	ahead, _ := strconv.Atoi(os.Getenv("SCHEMA_AHEAD"))
	for range ahead {
		migrations = append(migrations, func(tx *Tx) error {
			var rows []order.Order
			for o, err := range tx.Open() {
				if err != nil {
					return err
				}
				rows = append(rows, o)
			}
			for _, o := range rows {
				if err := tx.Put(o); err != nil {
					return err
				}
			}
			_, err := tx.Note(Entry{At: time.Now(), Level: Info, Text: "written in another schema"})
			return err
		})
	}
}
