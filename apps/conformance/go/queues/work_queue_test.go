package queues

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/client-go/util/workqueue"
)

// noticing is a limiter that tells of the delays it gave.
type noticing struct {
	limiter
	onDelay func(item string, d time.Duration)
}

func (n *noticing) When(item string) time.Duration {
	d := n.limiter.When(item)
	n.onDelay(item, d)
	return d
}

// weights are how likely operations are: of one who adds a lot, of many workers, and of a queue that is shut down soon.
type weights struct {
	add, later, limited, get, done, forget, requeues, pass, end int
}

var allWeights = []weights{
	{add: 12, later: 6, limited: 8, get: 9, done: 7, forget: 1, requeues: 2, pass: 8, end: 0},
	{add: 8, later: 6, limited: 6, get: 16, done: 9, forget: 1, requeues: 1, pass: 8, end: 0},
	{add: 8, later: 4, limited: 4, get: 10, done: 8, forget: 1, requeues: 2, pass: 4, end: 2},
}

// workQueueSequence records the queues of client-go's util/workqueue. The kinds:
//
//   - work-queue, delaying, rate-limiting: the three queues, used as they are meant to be
//   - stray-done: a work queue, with done for items that nobody has
//   - many-drains: a work queue that several callers drain
//   - ties: a delaying queue, with items that are due at the same moment
func workQueueSequence(_ *testing.T, kind string, seed uint64, out *tape) bool {
	rng := random(seed)
	b := &bubble{rng: rng, out: out, due: map[string]time.Time{}}
	b.items = []string{"a", "b", "c", "d", "e", "f"}[:2+rng.IntN(5)]
	config := workqueue.TypedQueueConfig[string]{}
	spec := `["fifo"]`
	if kind == "work-queue" && rng.IntN(5) == 0 {
		config.Queue, spec = &last{}, `["last"]`
	}
	base := workqueue.NewTypedWithConfig(config)
	var queue workqueue.TypedInterface[string] = base
	var delaying workqueue.TypedDelayingInterface[string]
	var limiting workqueue.TypedRateLimitingInterface[string]
	if kind == "delaying" || kind == "ties" || kind == "rate-limiting" {
		delaying = workqueue.NewTypedDelayingQueueWithConfig(workqueue.TypedDelayingQueueConfig[string]{Queue: base})
		queue = delaying
	}
	if kind == "rate-limiting" {
		l, words := limiterOf(rng, 1)
		limiting = workqueue.NewTypedRateLimitingQueueWithConfig[string](&noticing{l, b.delayed},
			workqueue.TypedRateLimitingQueueConfig[string]{DelayingQueue: delaying})
		queue, spec = limiting, words
	}
	b.queue = queue
	out.head(kind, seed, spec)
	defer func() {
		queue.ShutDown()
		base.ShutDown()
		synctest.Wait()
	}()

	w := oneOf(rng, allWeights...)
	if delaying == nil {
		w.later = 0
	}
	if limiting == nil {
		w.limited, w.forget, w.requeues = 0, 0, 0
	}
	if kind == "many-drains" {
		w.end = 5
	}
	isShut := false
	total := 25 + rng.IntN(30)
	for n := range total {
		ending := w.end
		if n > total*2/3 {
			ending = max(ending, 2)
		}
		if isShut {
			ending *= 2
		}
		chooseAndDo(rng, []choice{
			{w.add, func() { item := b.item(); b.do("a "+item, func() []string { queue.Add(item); return nil }) }},
			{w.later, func() {
				item := b.item()
				d := b.delay(kind == "ties")
				if !isShut {
					b.delayed(item, d)
				}
				b.do("A "+item+" "+inMs(d), func() []string { delaying.AddAfter(item, d); return nil })
			}},
			{w.limited, func() {
				item := b.item()
				b.do("r "+item, func() []string { limiting.AddRateLimited(item); return nil })
			}},
			{w.get, func() {
				if b.parked < 4 {
					b.get(func() (string, string, bool) { item, shutdown := queue.Get(); return item, "", shutdown })
				}
			}},
			{w.done, func() {
				item, ok := b.takeOut()
				if kind == "stray-done" && rng.IntN(3) == 0 {
					item, ok = b.item(), true
				}
				if ok {
					b.do("d "+item, func() []string { queue.Done(item); return nil })
				}
			}},
			{w.forget, func() { item := b.item(); b.do("f "+item, func() []string { limiting.Forget(item); return nil }) }},
			{w.requeues, func() {
				item := b.item()
				b.do("n "+item, func() []string { return []string{fmt.Sprintf("#%d", limiting.NumRequeues(item))} })
			}},
			{w.pass, b.pass},
			{ending, func() {
				isShut = true
				if rng.IntN(3) > 0 && (b.drains == 0 || kind == "many-drains") {
					b.drain(queue.ShutDownWithDrain)
				} else {
					b.do("s", func() []string { queue.ShutDown(); return nil })
				}
			}},
		})
	}
	return !b.tied || kind == "ties"
}

// delay is one that makes no tie, unless ties are wanted. Some are negative, which means at once.
func (b *bubble) delay(ties bool) time.Duration {
	if ties {
		return time.Duration(1+b.rng.IntN(4)) * 10 * time.Millisecond
	}
	if b.rng.IntN(8) == 0 {
		return -between(b.rng, 0, time.Millisecond)
	}
	return between(b.rng, 10*time.Microsecond, oneOf(b.rng, 5*time.Millisecond, 100*time.Millisecond, time.Minute))
}
