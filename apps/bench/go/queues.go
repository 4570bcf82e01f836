package main

import (
	"context"
	"fmt"
	"math/rand"
	"strconv"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	testingclock "k8s.io/utils/clock/testing"
)

func queueBenchmarks() []benchmark {
	list := []benchmark{
		{"queue/add-get-done", queueAddGetDone},
		{"queue/eight-workers", queueEightWorkers},
		{"delaying/add-after-and-drain", delayingDrain},
	}
	for _, chunkSize := range []int{1, 10, 100} {
		list = append(list, benchmark{
			fmt.Sprintf("parallelize/chunk-%d", chunkSize),
			func(bounds limits) []float64 { return parallelize(bounds, chunkSize) },
		})
	}
	for _, size := range growthSizes {
		list = append(list, benchmark{"growth/queue-" + size.name, func(bounds limits) []float64 {
			if bounds.quick && size.count > 100_000 {
				return nil
			}
			return queueGrowth(bounds, size.count)
		}})
	}
	return list
}

func queueAddGetDone(bounds limits) []float64 {
	keys := names(100)
	return rounds(bounds, 100*len(keys), func() time.Duration {
		started := cpuTime()
		for range 100 {
			queue := workqueue.NewTyped[string]()
			for _, key := range keys {
				queue.Add(key)
			}
			for range keys {
				key, _ := queue.Get()
				queue.Done(key)
			}
			queue.ShutDown()
		}
		return cpuTime() - started
	})
}

func delayingDrain(bounds limits) []float64 {
	count := 1_000_000
	if bounds.quick {
		count = 100_000
	}
	keys := names(count)
	return rounds(bounds, count, func() time.Duration {
		random := rand.New(rand.NewSource(1))
		clock := testingclock.NewFakeClock(time.Now())
		queue := workqueue.NewTypedDelayingQueueWithConfig(
			workqueue.TypedDelayingQueueConfig[string]{Clock: clock},
		)
		started := cpuTime()
		for _, key := range keys {
			queue.AddAfter(key, time.Duration(random.Int63n(int64(10*time.Minute))))
		}
		clock.Step(11 * time.Minute)
		for range keys {
			_, _ = queue.Get()
		}
		took := cpuTime() - started
		queue.ShutDown()
		return took
	})
}

func parallelize(bounds limits, chunkSize int) []float64 {
	const pieces = 1000
	return rounds(bounds, 10*pieces, func() time.Duration {
		visits := make([]int, pieces)
		started := time.Now()
		for range 10 {
			workqueue.ParallelizeUntil(context.Background(), 10, pieces, func(piece int) {
				visits[piece]++
			}, workqueue.WithChunkSize(chunkSize))
		}
		return time.Since(started)
	})
}

func queueEightWorkers(bounds limits) []float64 {
	keys := names(10_000)
	queue := workqueue.NewTyped[string]()
	defer queue.ShutDown()
	var open sync.WaitGroup
	for range 8 {
		go func() {
			for {
				key, isShutDown := queue.Get()
				if isShutDown {
					return
				}
				queue.Done(key)
				open.Done()
			}
		}()
	}
	return rounds(bounds, len(keys), func() time.Duration {
		open.Add(len(keys))
		started := cpuTime()
		for _, key := range keys {
			queue.Add(key)
		}
		open.Wait()
		return cpuTime() - started
	})
}

// growthSizes are the sizes at which the cost of one object is compared.
var growthSizes = []struct {
	name  string
	count int
}{{"1k", 1000}, {"10k", 10_000}, {"100k", 100_000}, {"300k", 300_000}}

func queueGrowth(bounds limits, count int) []float64 {
	keys := names(count)
	repeat := max(1, 10_000/count)
	return rounds(bounds, count*repeat, func() time.Duration {
		started := cpuTime()
		for range repeat {
			queue := workqueue.NewTyped[string]()
			for _, key := range keys {
				queue.Add(key)
			}
			for range keys {
				key, _ := queue.Get()
				queue.Done(key)
			}
			queue.ShutDown()
		}
		return cpuTime() - started
	})
}

func names(count int) []string {
	list := make([]string, count)
	for i := range list {
		list[i] = "default/object-" + strconv.Itoa(i)
	}
	return list
}
