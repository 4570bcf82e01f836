package main

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/tools/cache"
)

const indexedCount = 5000

func storeBenchmarks() []benchmark {
	list := []benchmark{{"indexer/update", indexerUpdate}}
	for _, size := range []struct {
		name  string
		count int
	}{{"1k", 1000}, {"10k", 10_000}, {"100k", 100_000}, {"1m", 1_000_000}} {
		list = append(list, benchmark{"lister/" + size.name, func(bounds limits) []float64 {
			if bounds.quick && size.count > 100_000 {
				return nil
			}
			return listerScan(bounds, size.count)
		}})
	}
	return list
}

// indexerUpdate moves every object to the index value of its neighbour.
func indexerUpdate(bounds limits) []float64 {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{
		"node": func(obj any) ([]string, error) {
			return []string{obj.(*v1.PartialObjectMetadata).Labels["node"]}, nil
		},
	})
	states := [2][]*v1.PartialObjectMetadata{}
	for i := range indexedCount {
		for state := range states {
			node := fmt.Sprintf("node-%d", (i+state)%100)
			states[state] = append(states[state], object(i, map[string]string{"node": node}))
		}
	}
	state := 0
	return rounds(bounds, indexedCount, func() time.Duration {
		state = 1 - state
		started := time.Now()
		for _, obj := range states[state] {
			if err := indexer.Update(obj); err != nil {
				panic(err)
			}
		}
		return time.Since(started)
	})
}

// listerScan selects 100 of all objects by a label; the others have none.
func listerScan(bounds limits, count int) []float64 {
	store := cache.NewStore(cache.MetaNamespaceKeyFunc)
	for i := range count {
		set := map[string]string{}
		if i < 100 {
			set["app"] = "web"
		}
		if err := store.Add(object(i, set)); err != nil {
			panic(err)
		}
	}
	selector := labels.SelectorFromSet(labels.Set{"app": "web"})
	return rounds(bounds, 1, func() time.Duration {
		found := []*v1.PartialObjectMetadata{}
		started := time.Now()
		err := cache.ListAll(store, selector, func(obj any) {
			found = append(found, obj.(*v1.PartialObjectMetadata))
		})
		took := time.Since(started)
		if err != nil || len(found) != 100 {
			panic("the list is wrong")
		}
		return took
	})
}

func object(i int, set map[string]string) *v1.PartialObjectMetadata {
	return &v1.PartialObjectMetadata{ObjectMeta: v1.ObjectMeta{
		Namespace:       "default",
		Name:            fmt.Sprintf("object-%d", i),
		ResourceVersion: fmt.Sprint(i + 1),
		Labels:          set,
	}}
}
