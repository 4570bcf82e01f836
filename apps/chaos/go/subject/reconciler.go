package main

import (
	"context"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
)

// reconciler is a controller as in client-go's workqueue example: a handler that adds keys, workers that read the cache.
type reconciler struct {
	out      *output
	informer cache.SharedIndexInformer
	queue    workqueue.TypedRateLimitingInterface[string]
	synced   cache.InformerSynced
	workers  sync.WaitGroup
}

func newReconciler(out *output, informer cache.SharedIndexInformer) (*reconciler, error) {
	limiter := workqueue.DefaultTypedControllerRateLimiter[string]()
	r := &reconciler{
		out:      out,
		informer: informer,
		queue:    workqueue.NewTypedRateLimitingQueue(limiter),
	}
	enqueue := func(obj any) {
		if key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(obj); err == nil {
			r.queue.Add(key)
		}
	}
	registration, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    enqueue,
		UpdateFunc: func(_, obj any) { enqueue(obj) },
		DeleteFunc: enqueue,
	})
	if err != nil {
		return nil, err
	}
	r.synced = registration.HasSynced
	return r, nil
}

func (r *reconciler) start(ctx context.Context, workers int) {
	for range workers {
		r.workers.Go(func() {
			if !cache.WaitForCacheSync(ctx.Done(), r.synced) {
				return
			}
			for r.next() {
			}
		})
	}
}

// stop ends the workers, after those keys that they work on.
func (r *reconciler) stop() {
	r.queue.ShutDown()
	r.workers.Wait()
}

func (r *reconciler) next() bool {
	key, quit := r.queue.Get()
	if quit {
		return false
	}
	defer r.queue.Done(key)
	version := ""
	item, exists, err := r.informer.GetIndexer().GetByKey(key)
	if err != nil {
		r.out.failure(err)
		r.queue.AddRateLimited(key)
		return true
	}
	if exists {
		if object, err := meta.Accessor(item); err == nil {
			version = object.GetResourceVersion()
		}
	}
	r.out.say(map[string]any{"type": "reconcile", "key": key, "rv": version, "t": now()})
	r.queue.Forget(key)
	return true
}
