package scorecard

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"dscosync/internal/order"
)

// spans are durations, counted by the minute: exact enough for what takes hours, and as small for a million of them as
// for a few thousand.
type spans struct {
	n       int
	worst   time.Duration
	minutes map[int32]int32
	known   *Quantiles // as they were asked for last
}

func (s *spans) add(d time.Duration) {
	if s.minutes == nil {
		s.minutes = map[int32]int32{}
	}
	s.n++
	s.worst = max(s.worst, d)
	s.minutes[int32(d/time.Minute)]++
}

// Quantiles tell of durations, of all but the worst to the whole minute below.
type Quantiles struct {
	N                       int
	Median, P90, P99, Worst time.Duration
}

// quantiles are by the nearest rank: the least duration that so many percent of all do not exceed.
func (s *spans) quantiles() Quantiles {
	if s.known != nil && s.known.N == s.n {
		return *s.known
	}
	q := Quantiles{N: s.n, Worst: s.worst.Truncate(time.Second)}
	passed, at := 0, slices.Sorted(maps.Keys(s.minutes))
	for _, minute := range at {
		before := passed
		passed += int(s.minutes[minute])
		for _, rank := range []struct {
			percent int
			to      *time.Duration
		}{{50, &q.Median}, {90, &q.P90}, {99, &q.P99}} {
			if n := (s.n*rank.percent + 99) / 100; before < n && n <= passed {
				*rank.to = time.Duration(minute) * time.Minute
			}
		}
	}
	if s.n > 0 {
		s.known = &q
	}
	return q
}

// mean is a duration that many orders take on average.
type mean struct {
	n    int
	sum  time.Duration
	slow []slow // the slowest, the worst first
}

type slow struct {
	took time.Duration
	id   order.ID
}

// slowest is how many are kept of each mean, and so of each day of each retailer.
const slowest = 5

func (m *mean) add(d time.Duration, id order.ID) {
	m.n, m.sum = m.n+1, m.sum+d
	at, _ := slices.BinarySearchFunc(m.slow, d, func(s slow, d time.Duration) int { return cmp.Compare(d, s.took) })
	if at < slowest {
		m.slow = slices.Insert(m.slow, at, slow{d, id})
		m.slow = m.slow[:min(len(m.slow), slowest)]
	}
}

// behind are the orders that took longest.
func (m *mean) behind() (ids []order.ID) {
	for _, s := range m.slow {
		ids = append(ids, s.id)
	}
	return ids
}
