package main

import (
	"encoding/json"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// output writes messages, whole lines each.
type output struct {
	mu      sync.Mutex
	encoder *json.Encoder
}

func newOutput(file *os.File) *output {
	return &output{encoder: json.NewEncoder(file)}
}

func (o *output) say(message any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	// Nobody is left to be told of a failure when the runner no longer reads.
	_ = o.encoder.Encode(message)
}

func (o *output) failure(err error) {
	o.say(map[string]any{"type": "error", "message": err.Error(), "t": now()})
}

func now() int64 { return time.Now().UnixMilli() }

type event struct {
	Type      string `json:"type"`
	Resource  string `json:"resource"`
	Op        string `json:"op"`
	Key       string `json:"key"`
	UID       string `json:"uid"`
	RV        string `json:"rv"`
	Initial   bool   `json:"initial,omitempty"`
	Tombstone bool   `json:"tombstone,omitempty"`
	T         int64  `json:"t"`
}

// tell makes a handler that says every call.
func tell(out *output, plural string) cache.ResourceEventHandler {
	said := func(op string, obj any, more event) {
		object, err := meta.Accessor(obj)
		if err != nil {
			out.failure(err)
			return
		}
		key := cache.MetaObjectToName(object).String()
		more.Type, more.Resource, more.Op, more.T = "event", plural, op, now()
		more.Key, more.UID, more.RV = key, string(object.GetUID()), object.GetResourceVersion()
		out.say(more)
	}
	return cache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    func(obj any, initial bool) { said("add", obj, event{Initial: initial}) },
		UpdateFunc: func(_, obj any) { said("update", obj, event{}) },
		DeleteFunc: func(obj any) {
			if tombstone, ok := obj.(cache.DeletedFinalStateUnknown); ok {
				if tombstone.Obj == nil {
					obj = nameOnly(tombstone.Key)
				} else {
					obj = tombstone.Obj
				}
				said("delete", obj, event{Tombstone: true})
				return
			}
			said("delete", obj, event{})
		},
	}
}

// nameOnly is an object of which only the key is known.
func nameOnly(key string) *metav1.PartialObjectMetadata {
	namespace, name, _ := cache.SplitMetaNamespaceKey(key)
	return &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
}

// contents are the resourceVersions of all that the caches hold.
func contents(informers map[string]cache.SharedIndexInformer) map[string]map[string]string {
	all := map[string]map[string]string{}
	for plural, informer := range informers {
		versions := map[string]string{}
		for _, obj := range informer.GetStore().List() {
			if object, err := meta.Accessor(obj); err == nil {
				versions[cache.MetaObjectToName(object).String()] = object.GetResourceVersion()
			}
		}
		all[plural] = versions
	}
	return all
}

// memory collects garbage and says how much is left.
func memory(id int) map[string]any {
	debug.FreeOSMemory()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return map[string]any{"type": "memory", "id": id, "rss": rss(), "heapUsed": stats.HeapAlloc}
}

// rss is the resident memory in bytes as Linux tells it; 0 elsewhere.
func rss() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
