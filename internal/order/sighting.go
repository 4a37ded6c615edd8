package order

import "time"

// Sighting is something a remote said about one order: a document, the silence of a list, or the receipt for a write.
type Sighting interface {
	fold(o *Order)
	when() time.Time
}

// InDSCO is the order as DSCO shows it, in a list or by its id.
//
// A write of ours that began before Proves would show in it. Against a later one it proves nothing: it can add what is
// new (a cancellation, a package, a request), but its silence and its older status count for naught.
type InDSCO struct {
	Began, Proves time.Time
	PO, Retailer  string
	Lines         []Line // Told counts the units in its packages
	DSCO          DSCO
}

// InShipStation is what a drained list of the store holds that is this order's: nothing, one order or several.
// Proves is as for InDSCO.
type InShipStation struct {
	Began, Proves time.Time
	Refs          []Ref
}

// CreatedReceipt is ShipStation's answer that the order was created.
type CreatedReceipt struct {
	At  time.Time
	Ref Ref
}

// CorrectedReceipt is ShipStation's answer to a correction: the order as it is stored now.
type CorrectedReceipt struct {
	At      time.Time
	Ref     Ref
	Before  time.Time // when ShipStation said, just before, that it was last changed
	Changed time.Time // and what it says of that now
}

// CancelledReceipt is DSCO's word that it took the cancellation of what was cancellable.
type CancelledReceipt struct {
	At        time.Time
	RequestID string
	Reasons   map[int]string // the code each line was cancelled with, where it is known
}

// QueuedReceipt is DSCO's answer that a write waits to be processed: its outcome stands in the change log.
type QueuedReceipt struct {
	At        time.Time
	RequestID string
	Reasons   map[int]string // of a cancellation, as for CancelledReceipt
}

// AcknowledgedReceipt is the change log's word that the acknowledgement was accepted.
type AcknowledgedReceipt struct {
	At        time.Time
	RequestID string
}

// RefusedReceipt is the change log's word that a write was refused. An acknowledgement is never held: every run asks
// again.
type RefusedReceipt struct {
	At        time.Time
	RequestID string
	Text      string
}

// Lifted is a person's word that the order is to be tried again.
type Lifted struct{ At time.Time }

// Looked is no more than the news that it was looked for, so that the next look goes to another order first.
type Looked struct{ At time.Time }

// Gone is DSCO's answer that it has no order with this id. A new order may not be visible yet: nothing is concluded.
type Gone struct{ At time.Time }

func (s InDSCO) when() time.Time              { return s.Began }
func (s InShipStation) when() time.Time       { return s.Began }
func (s CreatedReceipt) when() time.Time      { return s.At }
func (s CorrectedReceipt) when() time.Time    { return s.At }
func (s CancelledReceipt) when() time.Time    { return s.At }
func (s QueuedReceipt) when() time.Time       { return s.At }
func (s AcknowledgedReceipt) when() time.Time { return s.At }
func (s RefusedReceipt) when() time.Time      { return s.At }
func (s Lifted) when() time.Time              { return s.At }
func (s Looked) when() time.Time              { return s.At }
func (s Gone) when() time.Time                { return s.At }
