package main

import (
	"sync"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
)

const keyCount = 1000

func priorityBenchmarks() []benchmark {
	return []benchmark{
		{"priority/add-get-done", priorityAddGetDone},
		{"priority/add", priorityAdd},
		{"priority/add-again", priorityAddAgain},
		{"priority/add-to-waiting-getters", priorityGetters},
		{"priority/add-get-done-1m", priorityLarge},
		{"priority/add-latency", priorityLatency},
	}
}

func priorityAddGetDone(bounds limits) []float64 {
	keys := names(keyCount)
	queue := priorityqueue.New[string]("")
	defer queue.ShutDown()
	return rounds(bounds, keyCount, func() time.Duration {
		started := cpuTime()
		for _, key := range keys {
			queue.Add(key)
		}
		for range keys {
			key, _ := queue.Get()
			queue.Done(key)
		}
		return cpuTime() - started
	})
}

func priorityAdd(bounds limits) []float64 {
	keys := names(keyCount)
	return rounds(bounds, keyCount, func() time.Duration {
		queue := priorityqueue.New[string]("")
		defer queue.ShutDown()
		return addAll(queue, keys)
	})
}

func priorityAddAgain(bounds limits) []float64 {
	keys := names(keyCount)
	queue := priorityqueue.New[string]("")
	defer queue.ShutDown()
	addAll(queue, keys)
	return rounds(bounds, keyCount, func() time.Duration { return addAll(queue, keys) })
}

// addAll also asks for the length, since additions are only noted down until somebody asks.
func addAll(queue priorityqueue.PriorityQueue[string], keys []string) time.Duration {
	started := cpuTime()
	for _, key := range keys {
		queue.Add(key)
	}
	if queue.Len() != len(keys) {
		panic("keys were lost")
	}
	return cpuTime() - started
}

func priorityGetters(bounds limits) []float64 {
	keys := names(keyCount)
	queue := priorityqueue.New[string]("")
	defer queue.ShutDown()
	var open sync.WaitGroup
	for range 10 {
		go work(queue, open.Done)
	}
	return rounds(bounds, keyCount, func() time.Duration {
		open.Add(len(keys))
		started := cpuTime()
		for _, key := range keys {
			queue.Add(key)
		}
		open.Wait()
		return cpuTime() - started
	})
}

// priorityLarge puts in again what it took out in the round before.
func priorityLarge(bounds limits) []float64 {
	const batch = 10_000
	queued := 1_000_000
	if bounds.quick {
		queued = 100_000
	}
	keys := names(queued + batch)
	queue := priorityqueue.New[string]("")
	defer queue.ShutDown()
	for _, key := range keys[:queued] {
		queue.Add(key)
	}
	_ = queue.Len()
	next := queued
	return rounds(bounds, batch, func() time.Duration {
		started := cpuTime()
		for range batch {
			queue.Add(keys[next%len(keys)])
			next++
		}
		if queue.Len() != len(keys) {
			panic("keys were lost")
		}
		for range batch {
			key, _ := queue.Get()
			queue.Done(key)
		}
		return cpuTime() - started
	})
}

func priorityLatency(bounds limits) []float64 {
	queued, added := 1_000_000, 20_000
	if bounds.quick {
		queued, added = 100_000, 2000
	}
	keys := names(queued + added)
	queue := priorityqueue.New[string]("")
	defer queue.ShutDown()
	for _, key := range keys[:queued] {
		queue.Add(key)
	}
	_ = queue.Len()
	for range 1000 {
		go work(queue, func() { time.Sleep(time.Millisecond) })
	}
	samples := make([]float64, 0, added)
	for i, key := range keys[queued:] {
		if i%10 == 0 {
			time.Sleep(50 * time.Microsecond)
		}
		started := time.Now()
		queue.Add(key)
		samples = append(samples, float64(time.Since(started).Nanoseconds()))
	}
	return samples
}

// work takes keys until shutdown and calls hold before each is done.
func work(queue priorityqueue.PriorityQueue[string], hold func()) {
	for {
		key, isShutDown := queue.Get()
		if isShutDown {
			return
		}
		hold()
		queue.Done(key)
	}
}
