package main

import (
	"sync"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"
)

// endName is the object with which the server says that the script is over.
const endName = "the-end"

// identity is which object at which version.
type identity struct {
	UID     string `json:"uid"`
	Version string `json:"version"`
}

// told is one call of the handler.
type told struct {
	Event     string    `json:"event"`
	Key       string    `json:"key"`
	Object    identity  `json:"object"`
	Old       *identity `json:"old,omitempty"`
	Initial   bool      `json:"initial,omitempty"`
	Tombstone bool      `json:"tombstone,omitempty"`
}

// recorder is a handler that writes down what it is told.
type recorder struct {
	onEnd func()
	mutex sync.Mutex
	calls []told
}

func (r *recorder) OnAdd(obj any, isInInitialList bool) {
	r.write(told{Event: "add", Key: keyOf(obj), Object: identityOf(obj), Initial: isInInitialList})
}

func (r *recorder) OnUpdate(oldObj, newObj any) {
	old := identityOf(oldObj)
	r.write(told{Event: "update", Key: keyOf(newObj), Object: identityOf(newObj), Old: &old})
}

func (r *recorder) OnDelete(obj any) {
	if unknown, ok := obj.(cache.DeletedFinalStateUnknown); ok {
		r.write(told{Event: "delete", Key: unknown.Key, Object: identityOf(unknown.Obj), Tombstone: true})
		return
	}
	r.write(told{Event: "delete", Key: keyOf(obj), Object: identityOf(obj)})
}

func (r *recorder) write(call told) {
	if call.Key == "default/"+endName {
		r.onEnd()
		return
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls = append(r.calls, call)
}

func (r *recorder) all() []told {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return append([]told{}, r.calls...)
}

func keyOf(obj any) string {
	key, err := cache.MetaNamespaceKeyFunc(obj)
	if err != nil {
		return err.Error()
	}
	return key
}

func identityOf(obj any) identity {
	thing, ok := obj.(*unstructured.Unstructured)
	if !ok {
		return identity{}
	}
	return identity{UID: string(thing.GetUID()), Version: thing.GetResourceVersion()}
}
