package queues

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/client-go/util/workqueue"
)

type limiter = workqueue.TypedRateLimiter[string]

// limiterOf makes a random limiter, and the words from which the player makes its own: JSON, durations in nanoseconds.
func limiterOf(rng *rand.Rand, depth int) (limiter, string) {
	kinds := 5
	if depth > 0 {
		kinds = 7
	}
	switch rng.IntN(kinds) {
	case 0:
		return workqueue.DefaultTypedControllerRateLimiter[string](), `["default"]`
	case 1, 2:
		// Never a power of two: doubled to 2⁶³ it is a duration in client-go that depends on the processor, and below zero on amd64,
		// because the check for an overflow compares with the next larger floating-point number.
		base := oneOf(rng, 0, 3*time.Nanosecond, time.Millisecond, 5*time.Millisecond, 7*time.Microsecond, 333*time.Millisecond)
		longest := oneOf(rng, 0, time.Millisecond, 60*time.Millisecond, 10*time.Second, 1000*time.Second, 40*time.Hour)
		return workqueue.NewTypedItemExponentialFailureRateLimiter[string](base, longest),
			fmt.Sprintf(`["exponential",%d,%d]`, base, longest)
	case 3:
		fast, slow, n := between(rng, 0, 20*time.Millisecond), between(rng, 0, 20*time.Second), rng.IntN(5)
		return workqueue.NewTypedItemFastSlowRateLimiter[string](fast, slow, n),
			fmt.Sprintf(`["fast-slow",%d,%d,%d]`, fast, slow, n)
	case 4:
		qps := oneOf(rng, 0.1, 0.3, 1, 3, 7, 10, 33.3, 1000, 2e9)
		burst := oneOf(rng, 1, 2, 5, 100)
		return &workqueue.TypedBucketRateLimiter[string]{Limiter: rate.NewLimiter(rate.Limit(qps), burst)},
			fmt.Sprintf(`["bucket",%s,%d]`, float(qps), burst)
	case 5:
		var parts []limiter
		var specs []string
		for range rng.IntN(4) {
			part, spec := limiterOf(rng, depth-1)
			parts, specs = append(parts, part), append(specs, spec)
		}
		return workqueue.NewTypedMaxOfRateLimiter(parts...), `["max-of",[` + strings.Join(specs, ",") + `]]`
	default:
		inner, spec := limiterOf(rng, depth-1)
		longest := oneOf(rng, 0, 3*time.Millisecond, 30*time.Millisecond, 5*time.Second)
		return workqueue.NewTypedWithMaxWaitRateLimiter(inner, longest), fmt.Sprintf(`["max-wait",%s,%d]`, spec, longest)
	}
}

// limiterSequence records a limiter of items. "w x 3000" asks 3000 times; the answer is the last delay in nanoseconds.
func limiterSequence(_ *testing.T, kind string, seed uint64, out *tape) bool {
	rng := random(seed)
	l, spec := limiterOf(rng, 2)
	out.head(kind, seed, spec)
	items := []string{"a", "b", "c", "d"}[:1+rng.IntN(4)]
	total := map[string]int{}
	for range 12 + rng.IntN(24) {
		item := oneOf(rng, items...)
		chooseAndDo(rng, []choice{
			{12, func() {
				out.line("w "+item, inNs(l.When(item)))
				total[item]++
			}},
			{1, func() {
				times := 2 + rng.IntN(40)
				// More than a thousand doublings of nothing are not a number, and what that is as a duration depends on the processor.
				if !strings.Contains(spec, `"exponential",0,`) && rng.IntN(3) == 0 {
					times = 1000 + rng.IntN(3000)
				}
				var last time.Duration
				for range times {
					last = l.When(item)
				}
				out.line(fmt.Sprintf("w %s %d", item, times), inNs(last))
			}},
			{2, func() { l.Forget(item); out.line("f " + item) }},
			{3, func() { out.line("n "+item, fmt.Sprint(l.NumRequeues(item))) }},
			{4, func() { passNs(rng, out) }},
		})
	}
	return true
}

// passNs lets time pass: round times, which show drift of sums of floating-point numbers, or any nanosecond.
func passNs(rng *rand.Rand, out *tape) {
	d := oneOf(rng, 100*time.Millisecond, 10*time.Millisecond, time.Second, time.Second/3,
		time.Duration(rng.Int64N(int64(3*time.Second))), time.Duration(rng.Int64N(int64(3*time.Millisecond))),
		time.Duration(rng.Int64N(int64(300*time.Second))))
	time.Sleep(d)
	out.line("t " + inNs(d))
}
