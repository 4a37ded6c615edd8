package sim

import "fmt"

// ShipStationOrders copies the ShipStation orders that are not deleted, in the order of their ids.
func (w *World) ShipStationOrders() []map[string]any {
	return w.live(func(object) bool { return true })
}

// ByNumber copies the ShipStation orders that are not deleted and have just this number.
func (w *World) ByNumber(orderNumber string) []map[string]any {
	return w.live(func(doc object) bool { return Text(doc, "orderNumber") == orderNumber })
}

func (w *World) live(wanted func(object) bool) []map[string]any {
	w.enter()
	defer w.mu.Unlock()
	var found []map[string]any
	for _, o := range w.shipStation.orders {
		if !o.deleted && wanted(o.latest()) {
			found = append(found, clone(o.latest()))
		}
	}
	return found
}

// EditShipStation changes an order as somebody at a screen would; modifyDate moves. edit must not use the World.
func (w *World) EditShipStation(orderID int64, edit func(order map[string]any)) {
	now := w.enter()
	defer w.mu.Unlock()
	w.shipStation.change(w.shipStation.mustHave(orderID), now, edit)
}

// PutShipStation adds an order that somebody else made, in any store, and tells its orderId. What doc leaves out is as in
// a new order; createDate and modifyDate are taken from it.
func (w *World) PutShipStation(doc map[string]any) int64 {
	now := w.enter()
	defer w.mu.Unlock()
	s := w.shipStation
	in := normal(doc)
	made := s.document(in, nil, now)
	for _, name := range []string{"createDate", "modifyDate"} {
		if Text(in, name) != "" {
			made[name] = in[name]
		}
	}
	if made["orderStatus"] == nil {
		made["orderStatus"] = "awaiting_shipment"
	}
	if made["orderDate"] == nil {
		made["orderDate"] = made["createDate"]
	}
	store := storeOf(in)
	if store == 0 {
		store = w.o.StoreID
	}
	return s.add(made, store, now).id
}

// DeleteShipStation deletes an order: it leaves the lists and answers 404.
func (w *World) DeleteShipStation(orderID int64) {
	now := w.enter()
	defer w.mu.Unlock()
	o := w.shipStation.mustHave(orderID)
	o.deleted = true
	w.shipStation.put(o, now, nil)
}

// HoldShipStation puts an order on hold for a week, as somebody at a screen would.
func (w *World) HoldShipStation(orderID int64) {
	until := w.o.Now().In(pacific).AddDate(0, 0, 7).Format(dateOnly) + "T00:00:00.0000000"
	w.EditShipStation(orderID, func(doc object) { doc["orderStatus"], doc["holdUntilDate"] = "on_hold", until })
}

// CancelInShipStation cancels an order, as somebody at a screen would. Labels that were bought for it stay as they are.
func (w *World) CancelInShipStation(orderID int64) {
	w.EditShipStation(orderID, func(doc object) { doc["orderStatus"], doc["holdUntilDate"] = "cancelled", nil })
}

// MoveStore moves an order to another store.
func (w *World) MoveStore(orderID, store int64) {
	w.EditShipStation(orderID, func(doc object) { doc["advancedOptions"].(object)["storeId"] = number(store) })
}

// mustHave finds an order for a method that cannot say that there is none.
func (s *shipStation) mustHave(id int64) *shipOrder {
	o := s.byID[id]
	if o == nil || o.deleted {
		panic(fmt.Sprintf("sim: ShipStation has no order %d", id))
	}
	return o
}
