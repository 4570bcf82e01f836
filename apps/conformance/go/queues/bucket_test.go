package queues

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sort"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/time/rate"
)

// ended is a wait that is over, how, and when after the operation began.
type ended struct {
	id     int
	answer string
}

// bucketRecorder drives one token bucket.
type bucketRecorder struct {
	rng          *rand.Rand
	out          *tape
	limiter      *rate.Limiter
	reservations []*rate.Reservation
	cancelled    map[int]bool
	cancels      map[int]context.CancelFunc
	waits        int
	began        time.Time
	mutex        sync.Mutex
	ended        []ended
}

// do runs an operation and writes it down with the waits that it ended.
func (r *bucketRecorder) do(operation string, f func() []string) {
	r.began = time.Now()
	answers := f()
	synctest.Wait()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	sort.Slice(r.ended, func(i, j int) bool { return r.ended[i].id < r.ended[j].id })
	for _, e := range r.ended {
		answers = append(answers, e.answer)
		delete(r.cancels, e.id)
	}
	r.ended = nil
	r.out.line(operation, answers...)
}

func (r *bucketRecorder) wait() {
	n := r.rng.IntN(4)
	longest := time.Duration(r.rng.Int64N(int64(oneOf(r.rng, time.Millisecond, time.Second, 20*time.Second)))) + 1
	operation := fmt.Sprintf("w %d %d", n, longest)
	ctx, cancel := context.WithCancel(context.Background())
	if r.rng.IntN(3) == 0 {
		operation = fmt.Sprintf("w %d", n)
	} else {
		cancel()
		ctx, cancel = context.WithTimeout(context.Background(), longest)
	}
	id := r.waits
	r.waits++
	r.cancels[id] = cancel
	r.do(operation, func() []string {
		go func() {
			err := r.limiter.WaitN(ctx, n)
			how := "+"
			if errors.Is(err, context.Canceled) {
				how = "x"
			} else if err != nil {
				how = "-"
			}
			r.mutex.Lock()
			defer r.mutex.Unlock()
			r.ended = append(r.ended, ended{id, fmt.Sprintf("%d%s@%d", id, how, time.Since(r.began))})
		}()
		return nil
	})
}

// bucketSequence records golang.org/x/time/rate. With the kind token-bucket-twice reservations are cancelled again.
func bucketSequence(_ *testing.T, kind string, seed uint64, out *tape) bool {
	rng := random(seed)
	qps := oneOf(rng, 0.1, 0.3, 1.0/3, 1, 3, 7, 10, 10, 33.3, 1000, 1e6, 3e9)
	burst := oneOf(rng, 0, 1, 1, 2, 5, 10, 100)
	spec := fmt.Sprintf(`[%s,%d]`, float(qps), burst)
	limit := rate.Limit(qps)
	if rng.IntN(25) == 0 {
		limit, spec = rate.Inf, fmt.Sprintf(`["Infinity",%d]`, burst)
	}
	out.head(kind, seed, spec)
	r := &bucketRecorder{rng: rng, out: out, limiter: rate.NewLimiter(limit, burst), cancelled: map[int]bool{}, cancels: map[int]context.CancelFunc{}}
	amount := func() int { return oneOf(rng, 0, 1, 1, 1, 1, 2, 3, burst, burst+1) }
	for range 20 + rng.IntN(25) {
		chooseAndDo(rng, []choice{
			{10, func() {
				n := amount()
				r.do(fmt.Sprintf("y %d", n), func() []string { return []string{bit(r.limiter.AllowN(time.Now(), n))} })
			}},
			{10, func() {
				n := amount()
				r.do(fmt.Sprintf("v %d", n), func() []string {
					reservation := r.limiter.ReserveN(time.Now(), n)
					r.reservations = append(r.reservations, reservation)
					if !reservation.OK() {
						return []string{"no"}
					}
					return []string{inNs(reservation.Delay())}
				})
			}},
			{5, func() { r.cancel(kind == "token-bucket-twice") }},
			{4, r.wait},
			{2, func() {
				for id := range r.waits {
					if cancel := r.cancels[id]; cancel != nil {
						r.do(fmt.Sprintf("x %d", id), func() []string { cancel(); return nil })
						return
					}
				}
			}},
			{8, func() {
				d := oneOf(rng, time.Duration(math.Round(1e9/qps)), 100*time.Millisecond, time.Second,
					time.Duration(rng.Int64N(int64(2*time.Second))), time.Duration(rng.Int64N(int64(time.Millisecond))))
				r.do("t "+inNs(d), func() []string { time.Sleep(d); return nil })
			}},
			{5, func() { r.do("k", func() []string { return []string{r.tokens()} }) }},
		})
	}
	for _, cancel := range r.cancels {
		cancel()
	}
	synctest.Wait()
	return true
}

func (r *bucketRecorder) cancel(again bool) {
	for range 3 {
		if len(r.reservations) == 0 {
			return
		}
		id := len(r.reservations) - 1 - r.rng.IntN(min(4, len(r.reservations)))
		if r.cancelled[id] && !again {
			continue
		}
		r.cancelled[id] = true
		r.do(fmt.Sprintf("c %d", id), func() []string { r.reservations[id].Cancel(); return []string{r.tokens()} })
		return
	}
}

func (r *bucketRecorder) tokens() string {
	if r.limiter.Limit() == rate.Inf {
		return "Infinity"
	}
	return float(r.limiter.Tokens())
}
