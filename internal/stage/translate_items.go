package stage

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"dscosync/internal/dsco"
	"dscosync/internal/shipstation"
)

// items has one item for each line of which units are left: neither cancelled nor in a package that DSCO knows of, which
// somebody else has shipped.
func (d *draft) items(o dsco.Order) []shipstation.Item {
	if len(o.Lines) == 0 {
		d.fault("lineItems", "the order has no lines")
		return nil
	}
	var items []shipstation.Item
	numbers := lineNumbers(o.Lines)
	told := sightLines(o)
	at := make(map[int]int, len(numbers))
	countable := true
	for i, l := range o.Lines {
		if j, taken := at[numbers[i]]; taken {
			d.fault(fmt.Sprintf("lineItems[%d].lineNumber, lineItems[%d].lineNumber", j, i), fmt.Sprintf("lines %d and %d have the same number", j+1, i+1))
		}
		at[numbers[i]] = i
		if !d.countable(i, l) {
			countable = false
		} else if left := wanted(l) - told[i].Told; left > 0 {
			items = append(items, d.item(o.ID, i, numbers[i], l, len(items), left))
		}
	}
	if countable && len(items) == 0 {
		d.fault("lineItems", "nothing is left to ship")
	}
	return items
}

// lineNumbers gives the number each line goes by: its lineNumber, or where that is absent its place in the order, from
// one on. Two lines may come out with the same number; such an order is unfit.
func lineNumbers(lines []dsco.Line) []int {
	numbers := make([]int, len(lines))
	for i, l := range lines {
		numbers[i] = l.Number
		if l.Number <= 0 {
			numbers[i] = i + 1
		}
	}
	return numbers
}

// mostUnits is far more than a line ever has, so that sums of quantities stay numbers.
const mostUnits = 1_000_000

// countable notes a line whose quantities say nothing.
func (d *draft) countable(i int, l dsco.Line) bool {
	known := true
	for _, q := range []struct {
		wrong         bool
		member, words string
	}{
		{l.Quantity < 1 || l.Quantity > mostUnits, "quantity", "has no quantity that can be shipped"},
		{l.Cancelled < 0, "cancelledQuantity", "has fewer than no units cancelled"},
		{l.Rejected < 0, "rejectedQuantity", "has fewer than no units rejected"},
	} {
		if q.wrong {
			d.fault(fmt.Sprintf("lineItems[%d].%s", i, q.member), fmt.Sprintf("line %d %s", i+1, q.words))
			known = false
		}
	}
	return known
}

// wanted is how many units of a line are neither cancelled nor rejected.
func wanted(l dsco.Line) int {
	return max(0, l.Quantity-min(l.Quantity, max(0, l.Cancelled))-min(l.Quantity, max(0, l.Rejected)))
}

// item is line i of the order, the n-th that is sent.
func (d *draft) item(id string, i, number int, l dsco.Line, n, quantity int) shipstation.Item {
	member := fmt.Sprintf("items[%d]", n)
	name := first(line(l.Title), line(l.SKU), line(l.PartnerSKU))
	if name == "" {
		d.fault(fmt.Sprintf("lineItems[%d].title, sku, partnerSku", i), fmt.Sprintf("line %d has neither a title nor a sku", i+1))
	}
	key := lineKey(id, number)
	if len(key) > 50 && len(id) <= longestID {
		d.fault(fmt.Sprintf("lineItems[%d].lineNumber", i), fmt.Sprintf("line %d has a number that is too long beside the order id", i+1))
	}
	return shipstation.Item{
		Key:       key,
		SKU:       d.cut(member+".sku", line(l.SKU), 100),
		Name:      d.cut(member+".name", name, 200),
		UPC:       line(l.UPC),
		Quantity:  quantity,
		UnitPrice: price(l),
		Weight:    weight(l),
		Options:   options(l),
	}
}

// lineKey is the lineItemKey by which a shipment's items are known as a line of the order.
func lineKey(id string, number int) string { return id + ":" + strconv.Itoa(number) }

// price is what the consumer reads on the packing slip, so never the cost.
func price(l dsco.Line) json.Number {
	return json.Number(first(decimal(l.ConsumerPrice, 0), decimal(l.RetailPrice, 0)))
}

// weight is of one unit, in the units that ShipStation knows; nil when it is not given in units we know.
func weight(l dsco.Line) *shipstation.Weight {
	var units string
	shift := 0
	switch strings.ToLower(strings.TrimRight(line(l.WeightUnits), ".")) {
	case "oz", "ozs", "ounce", "ounces":
		units = "ounces"
	case "lb", "lbs", "pound", "pounds":
		units = "pounds"
	case "g", "gr", "gram", "grams":
		units = "grams"
	case "kg", "kgs", "kilo", "kilos", "kilogram", "kilograms":
		units, shift = "grams", 3
	}
	value := decimal(l.Weight, shift)
	if units == "" || strings.Trim(value, "0.") == "" {
		return nil
	}
	return &shipstation.Weight{Value: json.Number(value), Units: units}
}

// decimal is an amount times ten to the power of shift, written out without an exponent. Its digits are moved, never
// rounded. It is empty when the amount is absent, below zero, no number, or longer than any price or weight.
func decimal(a dsco.Amount, shift int) string {
	digits, power, scientific := strings.Cut(strings.ToLower(string(a)), "e")
	if scientific {
		n, err := strconv.Atoi(power)
		if err != nil || n < -20 || n > 20 {
			return ""
		}
		shift += n
	}
	whole, fraction, dotted := strings.Cut(digits, ".")
	if whole == "" || dotted && fraction == "" || len(digits) > 20 || strings.Trim(whole+fraction, "0123456789") != "" {
		return ""
	}
	for ; shift > 0; shift-- {
		next := "0"
		if fraction != "" {
			next, fraction = fraction[:1], fraction[1:]
		}
		whole += next
	}
	for ; shift < 0; shift++ {
		fraction, whole = whole[len(whole)-1:]+fraction, first(whole[:len(whole)-1], "0")
	}
	whole = first(strings.TrimLeft(whole, "0"), "0")
	if fraction == "" {
		return whole
	}
	return whole + "." + fraction
}

// options are what makes the units of a line what they are. They are never cut: half a personalization is none.
func options(l dsco.Line) []shipstation.Option {
	var options []shipstation.Option
	for _, o := range []shipstation.Option{
		{Name: "Color", Value: line(l.Color)},
		{Name: "Size", Value: line(l.Size)},
		{Name: "Personalization", Value: block(l.Personalization)},
		{Name: "Gift message", Value: block(l.GiftMessage)},
	} {
		if o.Value != "" {
			options = append(options, o)
		}
	}
	return options
}
