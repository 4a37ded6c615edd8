package scorecard

import (
	"maps"
	"slices"
	"time"
)

// spans are durations, counted by the minute: exact enough for what takes hours, and as small for a million of them as
// for a few thousand.
type spans struct {
	n       int
	sum     time.Duration
	worst   time.Duration
	minutes map[int32]int32
	known   *Quantiles // as they were asked for last
}

func (s *spans) add(d time.Duration) {
	if s.minutes == nil {
		s.minutes = map[int32]int32{}
	}
	s.n++
	s.sum += d
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

// mean is a duration that many take on average.
type mean struct {
	n   int
	sum time.Duration
}

func (m *mean) add(d time.Duration) { m.n, m.sum = m.n+1, m.sum+d }
