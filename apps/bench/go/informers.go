package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/tools/cache"
)

const (
	namespaces = 100
	pairs      = 1000
	additions  = 500
)

func informerBenchmarks() []benchmark {
	return []benchmark{
		{"reflector/list", reflectorList},
		{"informer/read-write", informerReadWrite},
		{"informer/slow-handler", informerSlowHandler},
	}
}

// source is a collection in memory that is listed in one page and whose changes are pushed by hand.
type source struct {
	list   *v1.PartialObjectMetadataList
	events *watch.FakeWatcher
}

func newSource(count int) *source {
	list := &v1.PartialObjectMetadataList{ListMeta: v1.ListMeta{ResourceVersion: fmt.Sprint(count)}}
	for i := range count {
		list.Items = append(list.Items, *spread(i, i+1))
	}
	return &source{list: list, events: watch.NewFakeWithChanSize(pairs, false)}
}

func (s *source) listWatch() cache.ListerWatcher {
	return listOnly{&cache.ListWatch{
		ListFunc:  func(v1.ListOptions) (runtime.Object, error) { return s.list, nil },
		WatchFunc: func(v1.ListOptions) (watch.Interface, error) { return s.events, nil },
	}}
}

// listOnly says that lists cannot be streamed.
type listOnly struct{ *cache.ListWatch }

func (listOnly) IsWatchListSemanticsUnSupported() bool { return true }

func spread(i, version int) *v1.PartialObjectMetadata {
	return &v1.PartialObjectMetadata{ObjectMeta: v1.ObjectMeta{
		Namespace:       fmt.Sprintf("namespace-%d", i%namespaces),
		Name:            fmt.Sprintf("object-%d", i),
		ResourceVersion: fmt.Sprint(version),
	}}
}

// reflectorList lists into a store, up to the moment at which the watch is opened.
func reflectorList(bounds limits) []float64 {
	count := 10_000
	if bounds.quick {
		count = 1000
	}
	data := newSource(count)
	return rounds(bounds, count, func() time.Duration {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		store := cache.NewStore(cache.MetaNamespaceKeyFunc)
		var took time.Duration
		started := time.Now()
		lister := listOnly{&cache.ListWatch{
			ListFunc: func(v1.ListOptions) (runtime.Object, error) { return data.list, nil },
			WatchFunc: func(v1.ListOptions) (watch.Interface, error) {
				took = time.Since(started)
				cancel()
				return watch.NewFake(), nil
			},
		}}
		reflector := cache.NewReflector(lister, &v1.PartialObjectMetadata{}, store, 0)
		_ = reflector.ListAndWatchWithContext(ctx)
		if len(store.ListKeys()) != count {
			panic("the list is wrong")
		}
		return took
	})
}

// withInformer runs an informer that has synced, and stops it.
func withInformer(count int, handler cache.ResourceEventHandlerFuncs, use func(cache.SharedIndexInformer, *source)) {
	data := newSource(count)
	informer := cache.NewSharedIndexInformer(data.listWatch(), &v1.PartialObjectMetadata{}, 0, cache.Indexers{
		cache.NamespaceIndex: cache.MetaNamespaceIndexFunc,
	})
	registration, err := informer.AddEventHandler(handler)
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		informer.RunWithContext(ctx)
	}()
	for !registration.HasSynced() {
		time.Sleep(time.Millisecond)
	}
	use(informer, data)
	cancel()
	<-ended
}

// informerReadWrite changes objects and lists namespaces in turn, and waits until every change was told.
func informerReadWrite(bounds limits) []float64 {
	count := 10_000
	if bounds.quick {
		count = 1000
	}
	var told atomic.Int64
	var samples []float64
	handler := cache.ResourceEventHandlerFuncs{UpdateFunc: func(any, any) { told.Add(1) }}
	withInformer(count, handler, func(informer cache.SharedIndexInformer, data *source) {
		version := count
		samples = rounds(bounds, pairs, func() time.Duration {
			goal := told.Load() + pairs
			started := time.Now()
			for i := range pairs {
				version++
				data.events.Modify(spread(i%count, version))
				found := 0
				namespace := fmt.Sprintf("namespace-%d", i%namespaces)
				err := cache.ListAllByNamespace(informer.GetIndexer(), namespace, labels.Everything(), func(any) { found++ })
				if err != nil || found != count/namespaces {
					panic("the list is wrong")
				}
			}
			for told.Load() < goal {
				time.Sleep(10 * time.Microsecond)
			}
			return time.Since(started)
		})
	})
	return samples
}

// informerSlowHandler brings objects into the cache while the handler lags behind.
func informerSlowHandler(bounds limits) []float64 {
	handler := cache.ResourceEventHandlerFuncs{AddFunc: func(any) { time.Sleep(time.Millisecond) }}
	return rounds(bounds, additions, func() time.Duration {
		var took time.Duration
		withInformer(0, handler, func(informer cache.SharedIndexInformer, data *source) {
			started := time.Now()
			for i := range additions {
				data.events.Add(spread(i, i+1))
			}
			for len(informer.GetIndexer().ListKeys()) < additions {
				time.Sleep(10 * time.Microsecond)
			}
			took = time.Since(started)
		})
		return took
	})
}
