package queues

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
)

// priorityRecorder drives controller-runtime's priority queue, and knows what it knows of each item.
type priorityRecorder struct {
	*bubble
	queue priorityqueue.PriorityQueue[string]
	// priority and isReady of the items that are queued.
	priority map[string]int
	isReady  map[string]bool
	// adding is the addition that is under way.
	adding priorityqueue.AddOpts
	// addedAtOnce says that an item that waited for its time was added at once without becoming more urgent.
	addedAtOnce bool
	// isClose says that two items become ready less than microseconds apart, and not at the same moment.
	isClose bool
	isShut  bool
}

// prioritySequence records the priority queue. With the kind priority-at-once items that wait for their time are added
// at once, with the kind priority-shutdown items are got after shutdown.
func prioritySequence(_ *testing.T, kind string, seed uint64, out *tape) bool {
	rng := random(seed)
	b := &bubble{rng: rng, out: out, due: map[string]time.Time{}}
	b.items = []string{"a", "b", "c", "d", "e", "f", "g", "h"}[:3+rng.IntN(6)]
	r := &priorityRecorder{bubble: b, priority: map[string]int{}, isReady: map[string]bool{}}
	l, spec := limiterOf(rng, 1)
	r.queue = priorityqueue.New("", func(o *priorityqueue.Opts[string]) {
		o.RateLimiter = &noticing{l, func(item string, d time.Duration) {
			if r.adding.After != 0 {
				d = min(d, r.adding.After)
			}
			r.known(item, d)
		}}
	})
	b.queue = r.queue
	b.onHandedOut = func(item string) { delete(r.priority, item); delete(r.isReady, item); delete(b.due, item) }
	out.head(kind, seed, spec)
	defer func() {
		if !r.isShut {
			r.queue.ShutDown()
		}
		synctest.Wait()
	}()

	w := oneOf(rng, allWeights...)
	total := 25 + rng.IntN(30)
	for n := range total {
		ending := 0
		if !r.isShut && n > total*2/3 {
			ending = w.end
		}
		if kind == "priority-shutdown" && !r.isShut && n > total/2 {
			ending = 10
		}
		chooseAndDo(rng, []choice{
			{w.add + w.later + w.limited, func() { r.add(kind == "priority-at-once") }},
			{w.get, func() {
				if b.parked < 4 && (!r.isShut || kind == "priority-shutdown") {
					b.get(func() (string, string, bool) {
						item, priority, shutdown := r.queue.GetWithPriority()
						return item, fmt.Sprintf(":%d", priority), shutdown
					})
				}
			}},
			{w.done, func() {
				item, ok := b.takeOut()
				if rng.IntN(10) == 0 {
					item, ok = r.stray()
				}
				if ok {
					b.do("d "+item, func() []string { r.queue.Done(item); return nil })
				}
			}},
			{w.forget, func() { item := b.item(); b.do("f "+item, func() []string { r.queue.Forget(item); return nil }) }},
			{w.requeues, func() {
				item := b.item()
				b.do("n "+item, func() []string { return []string{fmt.Sprintf("#%d", r.queue.NumRequeues(item))} })
			}},
			{w.pass, r.pass},
			{ending, func() {
				r.isShut = true
				b.do("s", func() []string { r.queue.ShutDown(); return nil })
			}},
		})
	}
	return !r.isClose && (!r.addedAtOnce || kind == "priority-at-once")
}

// stray is an item that is not in work.
func (r *priorityRecorder) stray() (string, bool) {
	item := r.item()
	for _, other := range r.inWork {
		if other == item {
			return "", false
		}
	}
	return item, true
}

func (r *priorityRecorder) pass() {
	r.bubble.pass()
	for item := range r.priority {
		if _, waits := r.due[item]; !waits {
			r.isReady[item] = true
		}
	}
}

// add adds one item or several, with and without options.
func (r *priorityRecorder) add(atOnce bool) {
	rng := r.rng
	items := []string{r.item()}
	for rng.IntN(6) == 0 && len(items) < 4 {
		items = append(items, r.item())
	}
	opts := priorityqueue.AddOpts{}
	operation := "p " + strings.Join(items, ",")
	priority := 0
	if rng.IntN(2) == 0 {
		priority = oneOf(rng, -100, -1, 0, 1, 2, 10)
		opts.Priority = &priority
		operation += fmt.Sprintf(" p%d", priority)
	}
	if rng.IntN(3) == 0 {
		// Some are due at the same moment, and some are negative, which means at once.
		opts.After = oneOf(rng, r.delay(false), r.delay(true))
		operation += " +" + inMs(opts.After)
	}
	if rng.IntN(3) == 0 {
		opts.RateLimited = true
		operation += " r"
	}
	if opts.After <= 0 && !atOnce {
		for _, item := range items {
			if queued, ok := r.priority[item]; ok && !r.isReady[item] && priority <= queued {
				return
			}
		}
	}
	r.adding = opts
	if !opts.RateLimited && !r.isShut {
		for _, item := range items {
			r.known(item, opts.After)
		}
	}
	r.do(operation, func() []string { r.queue.AddWithOpts(opts, items...); return nil })
}

// known notes what the queue is going to know of an item that is added after a delay.
func (r *priorityRecorder) known(item string, after time.Duration) {
	priority := 0
	if r.adding.Priority != nil {
		priority = *r.adding.Priority
	}
	queued, ok := r.priority[item]
	if ok && !r.isReady[item] && after <= 0 && priority <= queued {
		r.addedAtOnce = true
	}
	if !ok || priority > queued {
		r.priority[item] = priority
	}
	if after <= 0 {
		r.isReady[item] = true
		delete(r.due, item)
	} else if !r.isReady[item] {
		at := time.Now().Add(after)
		for _, other := range r.due {
			if !other.Equal(at) && other.Sub(at).Abs() < 3*time.Microsecond {
				r.isClose = true
			}
		}
		if known, waits := r.due[item]; !waits || at.Before(known) {
			r.due[item] = at
		}
	}
}
