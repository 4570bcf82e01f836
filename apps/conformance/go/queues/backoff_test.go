package queues

import (
	"fmt"
	v1rand "math/rand"
	"reflect"
	"testing"
	"time"

	"k8s.io/client-go/util/flowcontrol"
)

// backoffSequence records client-go's flowcontrol.Backoff. Its random numbers come from the time at which it is made, so
// that they can be had a second time, to be written down.
func backoffSequence(_ *testing.T, kind string, seed uint64, out *tape) bool {
	rng := random(seed)
	start := time.Now()
	initial := oneOf(rng, 0, time.Millisecond, 10*time.Millisecond, 333*time.Microsecond, 2*time.Second)
	longest := oneOf(rng, time.Millisecond, 60*time.Millisecond, 4*time.Second, 500*time.Second)
	jitter := oneOf(rng, 0.0, 0.0, 0.1, 1.5)
	patience := oneOf(rng, 0, 0, 1, 5)
	out.head(kind, seed, fmt.Sprintf(`[%d,%d,%s,%d]`, initial, longest, float(jitter), patience))
	b := flowcontrol.NewBackOffWithJitter(initial, longest, jitter)
	if patience > 0 {
		b.HasExpiredFunc = func(event, last time.Time, longest time.Duration) bool {
			return event.Sub(last) >= longest*time.Duration(patience)
		}
	}
	dice := v1rand.New(v1rand.NewSource(start.UnixNano()))
	items := []string{"a", "b", "c"}[:1+rng.IntN(3)]
	event := func() time.Time {
		return oneOf(rng, time.Now(), time.Now().Add(-time.Duration(rng.Int64N(int64(longest)*2))),
			time.Now().Add(-time.Duration(rng.Int64N(int64(10*time.Millisecond)))), time.Now().Add(time.Duration(rng.Int64N(int64(longest)*3))))
	}
	at := func(t time.Time) string { return inNs(t.Sub(start)) }
	for range 15 + rng.IntN(30) {
		item := oneOf(rng, items...)
		e := event()
		chooseAndDo(rng, []choice{
			{12, func() {
				operation := "n " + item + " " + at(e)
				if jitter > 0 {
					operation += " " + float(dice.Float64())
				}
				b.Next(item, e)
				out.line(operation, inNs(b.Get(item)))
			}},
			{2, func() { out.line("g "+item, inNs(b.Get(item))) }},
			{5, func() { out.line("i "+item+" "+at(e), bit(b.IsInBackOffSince(item, e))) }},
			{5, func() { out.line("u "+item+" "+at(e), bit(b.IsInBackOffSinceUpdate(item, e))) }},
			{1, func() { b.Reset(item); out.line("r " + item) }},
			{1, func() { b.DeleteEntry(item); out.line("d " + item) }},
			{2, func() {
				b.GC()
				out.line("G", fmt.Sprint(reflect.ValueOf(b).Elem().FieldByName("perItemBackoff").Len()))
			}},
			{7, func() {
				d := oneOf(rng, longest, 2*longest, initial, time.Duration(rng.Int64N(int64(longest)*3)), time.Duration(rng.Int64N(int64(5*time.Millisecond))))
				time.Sleep(d)
				out.line("t " + inNs(d))
			}},
		})
	}
	return true
}
