package order

import "time"

// toSuspend is a ShipStation order to be put on hold because the retailer asks to cancel it: once for each request, and
// never one that has a label. Whoever releases it meanwhile has decided.
func (o Order) toSuspend() (ref int64, due bool) {
	if !o.CancelRequested() || len(o.onTheWay()) > 0 {
		return 0, false
	}
	for _, r := range o.ShipStation {
		if r.Status == "awaiting_shipment" && r.Asked.IsZero() && len(r.Others) == 0 {
			return r.ID, true
		}
	}
	return 0, false
}

// toResume is a ShipStation order whose hold was ours and is no longer needed. What was shipped elsewhere meanwhile stays
// on hold: released it would be shipped twice.
func (o Order) toResume() (ref int64, due bool) {
	if o.CancelRequested() || o.Over() {
		return 0, false
	}
	for _, r := range o.ShipStation {
		if r.Status == "on_hold" && !r.Asked.IsZero() {
			return r.ID, true
		}
	}
	return 0, false
}

// forgive forgets holds of ours that are no more, once there is no request they could be for.
func (o *Order) forgive() {
	if o.CancelRequested() {
		return
	}
	for i, r := range o.ShipStation {
		if r.Status != "on_hold" && !r.Asked.IsZero() {
			o.ShipStation[i].Asked, o.ShipStation[i].Mark = time.Time{}, time.Time{}
		}
	}
}

// SuspendedReceipt is ShipStation's answer that it put an order on hold.
type SuspendedReceipt struct {
	At   time.Time
	Ref  int64
	Mark time.Time // when ShipStation says that the order was changed by it; zero when that could not be read
}

// ResumedReceipt is the news that a hold of ours is no more: released by us, or taken over by somebody.
type ResumedReceipt struct {
	At    time.Time
	Ref   int64
	Taken bool // somebody changed the order while it was on hold: it stays on hold
}

func (s SuspendedReceipt) when() time.Time { return s.At }
func (s ResumedReceipt) when() time.Time   { return s.At }

func (s SuspendedReceipt) fold(o *Order) {
	o.WroteShipStation = s.At
	for i := range o.ShipStation {
		if r := &o.ShipStation[i]; r.ID == s.Ref {
			r.Status, r.Asked, r.Mark = "on_hold", s.At, s.Mark
		}
	}
	o.settleWrite(Write{Step: Suspend, Ref: s.Ref})
}

func (s ResumedReceipt) fold(o *Order) {
	for i := range o.ShipStation {
		r := &o.ShipStation[i]
		if r.ID != s.Ref {
			continue
		}
		r.Asked, r.Mark = time.Time{}, time.Time{}
		if !s.Taken {
			r.Status = "awaiting_shipment"
			o.WroteShipStation = s.At
		}
	}
	o.settleWrite(Write{Step: Resume, Ref: s.Ref})
	if s.Taken {
		o.remark("on-hold", "the retailer no longer asks to cancel it, but somebody changed the order while it was on hold: release it in ShipStation if it is to be shipped", s.At)
	}
}
