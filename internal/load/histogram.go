package load

import (
	"math"
	"time"
)

const (
	step    = 1.02 // from one bucket to the next
	buckets = 1024 // up to 640 s
)

// histogram counts durations from a microsecond up, with an error of a hundredth.
type histogram struct {
	counts [buckets]int64
	all    int64
	most   time.Duration
}

func (h *histogram) add(d time.Duration) {
	i := 0
	if us := float64(d) / float64(time.Microsecond); us > 1 {
		i = min(buckets-1, int(math.Log(us)/math.Log(step)))
	}
	h.counts[i]++
	h.all++
	h.most = max(h.most, d)
}

func (h *histogram) merge(o *histogram) {
	for i, n := range o.counts {
		h.counts[i] += n
	}
	h.all += o.all
	h.most = max(h.most, o.most)
}

// quantile is 0 when there is nothing.
func (h *histogram) quantile(q float64) time.Duration {
	rank := int64(math.Ceil(q * float64(h.all)))
	for i, n := range h.counts {
		if rank -= n; n > 0 && rank <= 0 {
			return time.Duration(math.Pow(step, float64(i)+0.5) * float64(time.Microsecond))
		}
	}
	return 0
}
