package queues

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"sync"
	"testing/synctest"
	"time"
)

// lengthOf is what every queue has.
type lengthOf interface {
	Len() int
}

// returned is a call that was waiting and has returned.
type returned struct {
	id     int
	isGet  bool
	item   string
	answer string
	at     time.Duration
}

// bubble drives one queue inside a synctest bubble: one operation at a time, each until nothing moves any more. Calls
// that may wait run on goroutines of their own, and are told apart by the order in which they were made.
type bubble struct {
	rng    *rand.Rand
	out    *tape
	queue  lengthOf
	items  []string
	length int
	gets   int
	drains int
	// parked counts the gets that have not returned.
	parked int
	// inWork is what was handed out and is not done, in that order.
	inWork []string
	// due is what waits for its time, as far as the recorder knows.
	due map[string]time.Time
	// tied says that two items become ready at the same moment.
	tied bool
	// onHandedOut is told of each item.
	onHandedOut func(item string)
	began       time.Time
	mutex       sync.Mutex
	returned    []returned
}

func (b *bubble) item() string {
	return oneOf(b.rng, b.items...)
}

// do runs an operation and writes it down with what returned and with the length, if it has changed.
func (b *bubble) do(operation string, f func() []string) {
	b.began = time.Now()
	answers := f()
	synctest.Wait()
	b.mutex.Lock()
	all := b.returned
	b.returned = nil
	b.mutex.Unlock()
	sort.Slice(all, func(i, j int) bool {
		if all[i].isGet != all[j].isGet {
			return all[i].isGet
		}
		return all[i].id < all[j].id
	})
	for _, r := range all {
		answer := r.answer
		if operation[0] == 't' {
			answer += "@" + inMs(r.at)
		}
		answers = append(answers, answer)
		if r.isGet {
			b.parked--
		}
		if r.item != "" {
			b.inWork = append(b.inWork, r.item)
			if b.onHandedOut != nil {
				b.onHandedOut(r.item)
			}
		}
	}
	if length := b.queue.Len(); length != b.length {
		b.length = length
		answers = append(answers, fmt.Sprintf("l%d", length))
	}
	b.out.line(operation, answers...)
}

func (b *bubble) note(r returned) {
	r.at = time.Since(b.began)
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.returned = append(b.returned, r)
}

// get begins a get. take returns the item, what to add to it in the answer, and whether the queue is shut down.
func (b *bubble) get(take func() (string, string, bool)) {
	id := b.gets
	b.gets++
	b.parked++
	b.do("g", func() []string {
		go func() {
			item, more, shutdown := take()
			if shutdown {
				b.note(returned{id: id, isGet: true, answer: fmt.Sprintf("%d!", id)})
			} else {
				b.note(returned{id: id, isGet: true, item: item, answer: fmt.Sprintf("%d=%s%s", id, item, more)})
			}
		}()
		return nil
	})
}

func (b *bubble) drain(shutDownWithDrain func()) {
	id := b.drains
	b.drains++
	b.do("S", func() []string {
		go func() {
			shutDownWithDrain()
			b.note(returned{id: id, answer: fmt.Sprintf("D%d", id)})
		}()
		return nil
	})
}

// pass lets time pass: to a moment at which something is due, just short of it, or any time.
func (b *bubble) pass() {
	d := between(b.rng, 10*time.Microsecond, oneOf(b.rng, 2*time.Millisecond, 50*time.Millisecond, 30*time.Second))
	if next, ok := b.nextDue(); ok && b.rng.IntN(2) == 0 {
		d = time.Until(next)
		if d > 20*time.Microsecond && b.rng.IntN(4) == 0 {
			d -= 10 * time.Microsecond
		}
	}
	b.do("t "+inMs(d), func() []string { time.Sleep(d); return nil })
	for item, at := range b.due {
		if !at.After(time.Now()) {
			delete(b.due, item)
		}
	}
}

func (b *bubble) nextDue() (time.Time, bool) {
	var next time.Time
	for _, at := range b.due {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return next, !next.IsZero()
}

// isTie says whether another item becomes ready so close to then that a clock in milliseconds cannot tell the two apart.
func (b *bubble) isTie(item string, then time.Time) bool {
	for other, at := range b.due {
		if other != item && at.Sub(then).Abs() < 3*time.Microsecond {
			return true
		}
	}
	return false
}

// delayed notes that item was given a delay: the earlier time counts.
func (b *bubble) delayed(item string, d time.Duration) {
	if d <= 0 {
		return
	}
	at := time.Now().Add(d)
	if b.isTie(item, at) {
		b.tied = true
	}
	if known, ok := b.due[item]; !ok || at.Before(known) {
		b.due[item] = at
	}
}

// takeOut removes one item of those in work, mostly the oldest.
func (b *bubble) takeOut() (string, bool) {
	if len(b.inWork) == 0 {
		return "", false
	}
	n := 0
	if b.rng.IntN(3) == 0 {
		n = b.rng.IntN(len(b.inWork))
	}
	item := b.inWork[n]
	b.inWork = append(append([]string{}, b.inWork[:n]...), b.inWork[n+1:]...)
	return item, true
}
