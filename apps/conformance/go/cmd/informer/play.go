package main

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

var things = schema.GroupVersionResource{Group: "example.com", Version: "v1", Resource: "things"}

// source lists and watches by the dynamic client. Whether it may stream is said per scenario; the feature gate of the
// process is on.
type source struct {
	*cache.ListWatch
	watchList bool
}

// IsWatchListSemanticsUnSupported is how client-go asks whether streaming lists must not be tried.
func (s source) IsWatchListSemanticsUnSupported() bool { return !s.watchList }

func newSource(o order) (cache.ListerWatcher, error) {
	// No rate limit: it is not what is recorded.
	client, err := dynamic.NewForConfig(&rest.Config{Host: o.URL, QPS: -1})
	if err != nil {
		return nil, err
	}
	resource := client.Resource(things)
	listWatch := &cache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, options metav1.ListOptions) (runtime.Object, error) {
			return resource.List(ctx, options)
		},
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return resource.Watch(ctx, options)
		},
	}
	return source{ListWatch: listWatch, watchList: o.WatchList}, nil
}

// play runs an informer with default settings until the scenario ends.
func play(ctx context.Context, o order) (report, error) {
	lw, err := newSource(o)
	if err != nil {
		return report{}, err
	}
	example := &unstructured.Unstructured{}
	example.SetAPIVersion("example.com/v1")
	example.SetKind("Thing")
	informer := cache.NewSharedIndexInformerWithOptions(lw, example, cache.SharedIndexInformerOptions{})

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	writer := &recorder{onEnd: stop}
	if _, err := informer.AddEventHandler(writer); err != nil {
		return report{}, err
	}
	informer.RunWithContext(ctx)

	store, err := contents(informer.GetStore())
	if err != nil {
		return report{}, err
	}
	return report{ID: o.ID, Told: writer.all(), Store: store, Synced: informer.HasSynced()}, nil
}
