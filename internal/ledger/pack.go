package ledger

import (
	"bytes"
	"compress/flate"
	"io"
	"sync"
)

// Rows of finished orders are many and hardly ever read, so they are packed: DEFLATE, after a byte no JSON begins with.
const packed = 0

// dictionary holds what most rows have in common, the most frequent last. Rows packed with it need it for ever: a new
// one would need a new first byte.
var dictionary = []byte(`"adopted":"2026-"finished":"2026-"voided":"2026-"cost":"weight":"unit":"pounds"ounces"grams"stamps_com"usps_ground_advantage"` +
	`"cancelled":"rejected":"ship_by":"2026-"warehouse":"cancel_requested":true"ack_by":"acknowledge_by":"2026-"cancel_after":"2026-` +
	`"journal":[1,2,3,4],"received":"2026-"updated":"2026-"wrote_dsco":"2026-"wrote_shipstation":"2026-"acknowledged":"2026-"looked":"2026-` +
	`"parcels":[{"id":"number":"1Z999AA1"carrier":"ups","service":"ups_ground","lines":[{"line":1,"units":1}],"created":"2026-"ships":"2026-"told":"2026-` +
	`"packages":[{"number":"1Z"carrier":"UPS","service_level":"UPCG","shipped":"2026-"lines":[{"line":1,"units":1}]}],"carrier":"Generic","method":"Ground","code":"GCG",` +
	`"address_hash":"lines_hash":"service_hash":"country":"US","region":"` +
	`{"id":"1026000001","po":"retailer":"1000009001","lines":[{"number":1,"item":"1290000001","sku":"partner_sku":"ordered":1,"told":1},{"number":2,` +
	`"dsco":{"status":"cancelled","lifecycle":"completed","status":"shipped","lifecycle":"acknowledged","created":"2026-T00:00:00Z","updated":"2026-"ship_by":"2026-"ship_late":"2026-` +
	`"shipstation":[{"id":730551201,"number":"1026000001","key":"dsco-1026000001","status":"shipped","store":1001,"units":1}],`)

var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(nil, flate.BestCompression, dictionary)
	if err != nil {
		panic(err) // cannot be: the level is one of flate's own
	}
	return w
}}

// unpackers are kept because each has a window of its own, which a search over all rows would make and throw away for
// every one of them.
var unpackers = sync.Pool{New: func() any { return flate.NewReaderDict(nil, dictionary) }}

func pack(value []byte) []byte {
	out := bytes.NewBuffer([]byte{packed})
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	w.Reset(out)
	w.Write(value) // a Buffer takes all
	w.Close()
	return out.Bytes()
}

// unpack gives the JSON of a value, packed or not.
func unpack(value []byte) ([]byte, error) {
	if len(value) == 0 || value[0] != packed {
		return value, nil
	}
	r := unpackers.Get().(io.Reader)
	defer unpackers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(value[1:]), dictionary); err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
