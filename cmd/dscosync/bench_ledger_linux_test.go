package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"dscosync/internal/ledger"
	"dscosync/internal/order"
)

// fill takes n orders of three lines through their life in the ledger. They came in over half a year, shipped a day or
// three later, so in another order, and were finished more than two days ago.
func fill(tb testing.TB, path string, n int) {
	const span, batch = 170 * 24 * time.Hour, 100
	l, err := ledger.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, uint64(n)))
	now := time.Now().UTC().Truncate(time.Millisecond)
	type life struct {
		i             int
		taken, finish time.Time
	}
	lives := make([]life, n)
	for i := range lives {
		taken := now.Add(-span - 120*time.Hour + span/time.Duration(n)*time.Duration(i)).Truncate(time.Millisecond)
		lives[i] = life{i, taken, taken.Add(20*time.Hour + time.Duration(r.IntN(48*3600_000))*time.Millisecond)}
	}
	slices.SortFunc(lives, func(a, b life) int { return a.finish.Compare(b.finish) })
	done := 0
	for some := range slices.Chunk(lives, batch) {
		err := l.Update(func(tx *ledger.Tx) error {
			for _, v := range some {
				o := taken(v.i, v.taken)
				if _, err := tx.Record("k3v9x2qa", v.finish, order.Order{}, o); err != nil {
					return err
				}
				o, _, err := tx.Order(o.ID) // with its lines in the journal
				if err != nil {
					return err
				}
				if _, err := tx.Record("w7m2p4zd", v.finish, o, shipped(o, v.i, v.finish)); err != nil {
					return err
				}
			}
			_, err := tx.Settle(now)
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
		if done += len(some); done%100_000 == 0 {
			fmt.Fprintf(os.Stderr, "writing a ledger: %d of %d orders\n", done, n)
		}
	}
}

// taken is an order as a pull leaves it just before DSCO confirms the acknowledgement.
func taken(i int, at time.Time) order.Order {
	id := strconv.Itoa(1_000_000_000 + i) // lower than the simulator's
	o := order.Order{
		ID: order.ID(id), PO: fmt.Sprintf("HH%07d", i), Retailer: "1000009001",
		DSCO: order.DSCO{
			Status: "created", Lifecycle: "created", Created: at.Add(-time.Hour).Truncate(time.Second), Updated: at.Add(-time.Minute).Truncate(time.Second),
			ShipBy: at.Add(72 * time.Hour).Truncate(time.Minute), OwnShipBy: at.Add(72 * time.Hour).Truncate(time.Minute), ShipLate: at.Add(-120 * time.Hour).Truncate(time.Second),
			Address: hash(i, "a"), Content: hash(i, "c"), Service: hash(i, "s"), Country: "US", Region: "OR",
		},
		ShipStation: []order.Ref{{ID: int64(730_551_200 + i), Number: id, Key: "dsco-" + id, Status: "awaiting_shipment", Store: 1001, Lines: []order.Packed{{Line: 1, Units: 4}}}},
		WroteDSCO:   at, WroteShipStation: at, Received: at, Updated: at,
		Intent: &order.Intent{Write: order.Write{Step: order.Acknowledge}, At: at, RequestID: fmt.Sprintf("1e0f2a34-0000-4000-8000-%012d", i)},
	}
	for n, kind := range []string{"MUG-RED", "THROW-GRY", "BOARD-L"} {
		sku := fmt.Sprintf("%s-%04d", kind, i*7919%6667) // 20,001 of them
		o.Lines = append(o.Lines, order.Line{Number: n + 1, Item: strconv.Itoa(1290000001 + n), SKU: sku, Partner: "R-" + sku, Ordered: 1 + n%2})
	}
	return o
}

// shipped is the order once DSCO knows a parcel for all of it.
func shipped(o order.Order, i int, at time.Time) order.Order {
	o.Lines = slices.Clone(o.Lines)
	for n := range o.Lines {
		o.Lines[n].Told = o.Lines[n].Ordered
		o.Lines[n].Closed = at
	}
	label := order.Parcel{ID: int64(900_551_200 + i), Ref: o.ShipStation[0].ID, Number: fmt.Sprintf("1Z999AA1%010d", i), Carrier: "ups", Service: "ups_ground", Created: at.Add(-time.Hour), Told: at}
	label.As = &order.Telling{Shipped: at.Add(-time.Hour), Carrier: "UPS", Service: "UPCG"}
	for _, l := range o.Lines {
		label.Lines = append(label.Lines, order.Packed{Line: l.Number, Units: l.Ordered})
	}
	o.Parcels = []order.Parcel{label}
	o.DSCO.Status, o.DSCO.Lifecycle, o.DSCO.Updated = "shipped", "completed", at.Truncate(time.Second)
	o.DSCO.Packages = []order.Package{{Number: fmt.Sprintf("1Z999AA1%010d", i), Carrier: "UPS", ServiceLevel: "UPCG", Shipped: o.DSCO.Updated}}
	o.ShipStation = []order.Ref{o.ShipStation[0]}
	o.ShipStation[0].Status = "shipped"
	o.Intent, o.Acknowledged, o.WroteDSCO, o.Updated, o.Finished = nil, o.Received, at, at, at
	return o
}

// hash stands for a salted hash, which does not repeat from row to row.
func hash(i int, what string) string {
	sum := sha256.Sum256(fmt.Append(nil, i, what))
	return hex.EncodeToString(sum[:])[:12]
}
