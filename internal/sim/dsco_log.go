package sim

import (
	"net/http"
	"time"
)

// logLife is how long the change log keeps an entry.
const logLife = 14 * 24 * time.Hour

// log answers GET /order/log: by request, by dates, or the next page of either.
func (d *dsco) log(c *call, now time.Time) reply {
	q := c.Query
	var r *request
	var wanted func(entry any) bool
	switch {
	case q.Has("scrollId"):
		return d.scroll(q.Get("scrollId"), "logs", now)
	case q.Has("requestId"):
		for _, known := range d.requests {
			if known.id == q.Get("requestId") {
				r = known
			}
		}
		if r == nil || !r.done.IsZero() && now.Sub(r.done) > logLife {
			return answer(http.StatusOK, object{"logs": []any{}})
		}
		if r.done.IsZero() {
			return answer(http.StatusOK, object{"status": "PROCESSING", "logs": []any{}})
		}
		wanted = func(entry any) bool { return Text(entry, "requestId") == r.id }
	default:
		start, err1 := time.Parse(time.RFC3339, q.Get("startDate"))
		end, err2 := time.Parse(time.RFC3339, q.Get("endDate"))
		if err1 != nil || err2 != nil {
			return d.invalid("requestId, or startDate and endDate, is required")
		}
		wanted = func(entry any) bool {
			t, _ := time.Parse(time.RFC3339, Text(entry, "dateProcessed"))
			return !t.Before(start) && t.Before(end)
		}
	}
	s := &scan{member: "logs", size: d.w.o.LogPage, rows: func(now time.Time) []any {
		rows := []any{}
		for _, known := range d.requests {
			for _, entry := range known.logs {
				outcome := q.Get("status")
				if now.Sub(known.done) <= logLife && wanted(entry) &&
					(outcome == "" || outcome == "success_or_failure" || outcome == Text(entry, "status")) {
					rows = append(rows, entry)
				}
			}
		}
		return rows
	}}
	if r != nil {
		s.also = object{"status": "COMPLETED"}
	}
	return d.open(s, now)
}
