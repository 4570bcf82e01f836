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
	list := []benchmark{
		{"indexer/update", func(bounds limits) []float64 {
			return indexerUpdate(bounds, cache.Indexers{"node": byLabel("node")})
		}},
		{"indexer/update-two", func(bounds limits) []float64 { return indexerUpdate(bounds, twoIndices()) }},
		{"indexer/by-index", indexerByIndex},
	}
	for _, size := range []struct {
		name  string
		count int
	}{{"1k", 1000}, {"10k", 10_000}, {"100k", 100_000}, {"1m", 1_000_000}} {
		list = append(list,
			benchmark{"lister/" + size.name, func(bounds limits) []float64 {
				if bounds.quick && size.count > 100_000 {
					return nil
				}
				return listerScan(bounds, size.count)
			}},
			benchmark{"lister/indexed-" + size.name, func(bounds limits) []float64 {
				if bounds.quick && size.count > 100_000 {
					return nil
				}
				return listerIndexed(bounds, size.count)
			}})
	}
	for _, size := range growthSizes {
		list = append(list, benchmark{"growth/indexer-" + size.name, func(bounds limits) []float64 {
			if bounds.quick && size.count > 100_000 {
				return nil
			}
			return indexerGrowth(bounds, size.count)
		}})
	}
	return list
}

func byLabel(label string) cache.IndexFunc {
	return func(obj any) ([]string, error) {
		if value, ok := obj.(*v1.PartialObjectMetadata).Labels[label]; ok {
			return []string{value}, nil
		}
		return nil, nil
	}
}

func twoIndices() cache.Indexers {
	return cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc, "node": byLabel("node")}
}

// indexerUpdate moves every object to the index value of its neighbour.
func indexerUpdate(bounds limits, indexers cache.Indexers) []float64 {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, indexers)
	states := [2][]*v1.PartialObjectMetadata{
		objectsOnNodes(indexedCount, indexedCount/50, 0), objectsOnNodes(indexedCount, indexedCount/50, 1),
	}
	state := 0
	return rounds(bounds, indexedCount, func() time.Duration {
		state = 1 - state
		started := cpuTime()
		for _, obj := range states[state] {
			must(indexer.Update(obj))
		}
		return cpuTime() - started
	})
}

func indexerByIndex(bounds limits) []float64 {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, twoIndices())
	for _, obj := range objectsOnNodes(100_000, 500, 0) {
		must(indexer.Add(obj))
	}
	return rounds(bounds, 500, func() time.Duration {
		found := 0
		started := cpuTime()
		for node := range 500 {
			objects, err := indexer.ByIndex("node", fmt.Sprintf("node-%d", node))
			must(err)
			found += len(objects)
		}
		took := cpuTime() - started
		if found != 100_000 {
			panic("an index is wrong")
		}
		return took
	})
}

// listerScan selects 100 of all objects by a label; the others have none.
func listerScan(bounds limits, count int) []float64 {
	store := cache.NewStore(cache.MetaNamespaceKeyFunc)
	addSomeLabelled(store, count)
	selector := labels.SelectorFromSet(labels.Set{"app": "web"})
	repeat := max(1, 100_000/count)
	return rounds(bounds, repeat, func() time.Duration {
		total := 0
		started := cpuTime()
		for range repeat {
			found := []*v1.PartialObjectMetadata{}
			must(cache.ListAll(store, selector, func(obj any) {
				found = append(found, obj.(*v1.PartialObjectMetadata))
			}))
			total += len(found)
		}
		took := cpuTime() - started
		if total != 100*repeat {
			panic("the list is wrong")
		}
		return took
	})
}

// listerIndexed finds the same 100 through an index, which client-go's listers leave to their callers.
func listerIndexed(bounds limits, count int) []float64 {
	indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{"app": byLabel("app")})
	addSomeLabelled(indexer, count)
	const repeat = 1000
	return rounds(bounds, repeat, func() time.Duration {
		total := 0
		started := cpuTime()
		for range repeat {
			found, err := indexer.ByIndex("app", "web")
			must(err)
			total += len(found)
		}
		took := cpuTime() - started
		if total != 100*repeat {
			panic("the list is wrong")
		}
		return took
	})
}

func indexerGrowth(bounds limits, count int) []float64 {
	old, young := objectsOnNodes(count, count/50, 0), objectsOnNodes(count, count/50, 1)
	repeat := max(1, 10_000/count)
	return rounds(bounds, count*repeat, func() time.Duration {
		started := cpuTime()
		for range repeat {
			indexer := cache.NewIndexer(cache.MetaNamespaceKeyFunc, twoIndices())
			for _, obj := range old {
				must(indexer.Add(obj))
			}
			for _, obj := range young {
				must(indexer.Update(obj))
			}
			for _, obj := range young {
				must(indexer.Delete(obj))
			}
		}
		return cpuTime() - started
	})
}

// addSomeLabelled adds so many objects, of which 100 that are spread evenly have the label.
func addSomeLabelled(store cache.Store, count int) {
	for i := range count {
		set := map[string]string{}
		if i%(count/100) == 0 {
			set["app"] = "web"
		}
		must(store.Add(object(i, set)))
	}
}

func objectsOnNodes(count, nodes, state int) []*v1.PartialObjectMetadata {
	list := make([]*v1.PartialObjectMetadata, count)
	for i := range list {
		list[i] = object(i, map[string]string{"node": fmt.Sprintf("node-%d", (i+state)%nodes)})
	}
	return list
}

func object(i int, set map[string]string) *v1.PartialObjectMetadata {
	return &v1.PartialObjectMetadata{ObjectMeta: v1.ObjectMeta{
		Namespace:       "default",
		Name:            fmt.Sprintf("object-%d", i),
		ResourceVersion: fmt.Sprint(i + 1),
		Labels:          set,
	}}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
