package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"os"

	"dscosync/internal/order"
)

// numbered is the first byte of what stands beside a finished order when the numbers of its lines' SKUs do: how many, and
// each, as varints. Its facts follow, which begin with another byte.
const numbered = 0

// widths are how many bits a SKU's number may have: as many as fill two, three and four bytes of a varint.
var widths = []int{14, 21, 28}

var errNumbers = errors.New("the numbers of its SKUs cannot be read")

// slots are the numbers a SKU may have: the beginning of its hash, longer each time. It has the first one that was free
// when it came. So its number leads to it alone, and nothing needs to lead from it to its number.
func slots(sku string) (all []uint32) {
	sum := sha256.Sum256([]byte(sku))
	for _, bits := range widths {
		all = append(all, binary.BigEndian.Uint32(sum[:])>>(32-bits))
	}
	return all
}

func skuKey(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// number is what stands for a SKU, which is written down when it is new. Where others have all its slots there is none.
//
// A SKU is never dropped: it takes some 60 bytes once, however many orders have it and however long ago, while each of
// these takes more than a thousand.
func (tx *Tx) number(sku string) (n uint32, ok bool, err error) {
	for _, n := range slots(sku) {
		there, err := tx.skus.get(skuKey(n))
		switch {
		case err != nil:
			return 0, false, err
		case there == nil:
			return n, true, tx.skus.put(skuKey(n), []byte(sku))
		case string(there) == sku:
			return n, true, nil
		}
	}
	return 0, false, nil
}

// withSKUs makes a ledger one of schema 2, which has a table of SKUs. Beside what was finished before there are no numbers:
// its rows are read.
func (tx *Tx) withSKUs() error {
	if tx.skus.bucket != nil {
		return nil
	}
	return tx.safely(func() (err error) {
		if err = tx.skus.sound(nil); err == nil {
			tx.skus.bucket, err = tx.bolt.CreateBucket([]byte(tx.skus.name))
		}
		return err
	})
}

// numbered puts the numbers of an order's SKUs before its facts, unless one has none: then they are in its row alone.
func (tx *Tx) numbered(o order.Order, facts []byte) ([]byte, error) {
	value := binary.AppendUvarint([]byte{numbered}, uint64(len(o.Lines)))
	for _, l := range o.Lines {
		n, ok, err := tx.number(string([]rune(l.SKU))) // as the row's JSON gives it back, be it no UTF-8
		if !ok || err != nil {
			return facts, err
		}
		value = binary.AppendUvarint(value, uint64(n))
	}
	return append(value, facts...), nil
}

// split parts what stands beside a finished order. The numbers are nil where there are none.
func split(value []byte) (numbers []uint32, facts []byte, err error) {
	if len(value) == 0 || value[0] != numbered {
		return nil, value, nil
	}
	rest := value[1:]
	next := func() uint64 {
		n, size := binary.Uvarint(rest)
		if size <= 0 {
			err, size, n = errNumbers, len(rest), 0
		}
		rest = rest[size:]
		return n
	}
	many := next()
	if many > uint64(len(rest)) {
		return nil, nil, errNumbers
	}
	numbers = make([]uint32, many)
	for i := range numbers {
		n := next()
		if n > math.MaxUint32 {
			err = errNumbers
		}
		numbers[i] = uint32(n)
	}
	return numbers, rest, err
}

// catalogue are SKUs by their numbers, of which each is read once while there is room.
type catalogue struct {
	skus map[uint32]string
	size int         // in bytes, about
	file os.FileInfo // that they are of
}

// room is how many bytes a catalogue may take: enough for 100,000 SKUs as they mostly are.
const room = 10 << 20

// of empties the catalogue of another file: one that has taken its place may have other numbers.
func (c *catalogue) of(tx *Tx) error {
	if c == nil {
		return nil
	}
	info, err := tx.handle.file.Stat()
	if err != nil {
		return tx.ledger.trouble(err)
	}
	if c.file == nil || !os.SameFile(info, c.file) {
		*c = catalogue{skus: map[uint32]string{}, file: info}
	}
	return nil
}

// sku is the one that a number stands for.
func (tx *Tx) sku(n uint32, known *catalogue) (sku string, err error) {
	if sku, ok := known.skus[n]; ok {
		return sku, nil
	}
	var value []byte
	if tx.skus.bucket != nil {
		if value, err = tx.skus.get(skuKey(n)); err != nil {
			return "", err
		}
	}
	if value == nil {
		return "", tx.ledger.damaged("%s is gone", tx.skus.called(skuKey(n)))
	}
	sku = string(value)
	if size := known.size + len(sku) + 64; size <= room {
		known.skus[n], known.size = sku, size
	}
	return sku, nil
}
