// Command pod-informer is client-go's informer of all pods, as its documentation has it: a shared informer factory with its
// defaults. It talks to whoever measures it by lines: commands on standard input, answers in JSON on standard output.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// counter is what one handler has seen, in a cache line of its own.
type counter struct {
	updates atomic.Int64
	_       [56]byte
}

var (
	// counters has one for each handler. Each of them waits for what is wanted.
	counters []counter
	wanted   atomic.Int64
	finished atomic.Int64
	// wantedVersion is that of the object by which a relist is noticed.
	wantedVersion atomic.Pointer[string]
	reached       = make(chan struct{}, 1)
)

func main() {
	mode := flag.String("mode", "protobuf", "protobuf, stripped (protobuf without managedFields), json or dynamic")
	handlers := flag.Int("handlers", 1, "how many handlers the informer has")
	flag.Parse()
	counters = make([]counter, *handlers)
	say(map[string]any{"event": "ready", "cpuMs": cpuMs()})
	config := &rest.Config{
		Host: os.Getenv("BENCH_SERVER"), BearerToken: os.Getenv("BENCH_TOKEN"), QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAFile: os.Getenv("BENCH_CA_FILE")},
	}
	ctx := context.Background()
	informer, start := newInformer(config, *mode)
	var synced []cache.InformerSynced
	for i := range counters {
		registration, err := informer.AddEventHandler(handler(&counters[i]))
		if err != nil {
			panic(err)
		}
		synced = append(synced, registration.HasSynced)
	}
	start(ctx.Done())
	if !cache.WaitForCacheSync(ctx.Done(), synced...) {
		panic("the cache did not sync")
	}
	say(map[string]any{"event": "synced", "cpuMs": cpuMs()})
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	for line := range lines {
		obey(line, lines, informer)
	}
}

func handler(of *counter) cache.ResourceEventHandler {
	return cache.ResourceEventHandlerFuncs{
		AddFunc: func(any) {},
		UpdateFunc: func(_, object any) {
			isLast := of.updates.Add(1) == wanted.Load() && finished.Add(1) == int64(len(counters))
			if isLast || hasVersion(object) {
				select {
				case reached <- struct{}{}:
				default:
				}
			}
		},
		DeleteFunc: func(any) {},
	}
}

// updates is how many updates each handler has seen.
func updates() int64 {
	least := counters[0].updates.Load()
	for i := range counters {
		least = min(least, counters[i].updates.Load())
	}
	return least
}

func newInformer(config *rest.Config, mode string) (cache.SharedIndexInformer, func(<-chan struct{})) {
	if mode == "dynamic" {
		client, err := dynamic.NewForConfig(config)
		if err != nil {
			panic(err)
		}
		factory := dynamicinformer.NewDynamicSharedInformerFactory(client, 0)
		informer := factory.ForResource(schema.GroupVersionResource{Version: "v1", Resource: "pods"}).Informer()
		return informer, factory.Start
	}
	config.ContentType = "application/json"
	if mode == "protobuf" || mode == "stripped" {
		config.ContentType = "application/vnd.kubernetes.protobuf"
		config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		panic(err)
	}
	options := []informers.SharedInformerOption{}
	if mode == "stripped" {
		options = append(options, informers.WithTransform(cache.TransformFunc(dropManagedFields)))
	}
	factory := informers.NewSharedInformerFactoryWithOptions(client, 0, options...)
	return factory.Core().V1().Pods().Informer(), factory.Start
}

func dropManagedFields(object any) (any, error) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return object, nil
	}
	accessor.SetManagedFields(nil)
	return object, nil
}

// obey answers one command.
func obey(line string, lines <-chan string, informer cache.SharedIndexInformer) {
	command, argument, _ := strings.Cut(line, " ")
	switch command {
	case "collect":
		debug.FreeOSMemory()
		say(map[string]any{"event": "collected"})
	case "check":
		say(check(informer))
	case "churn":
		count, err := strconv.ParseInt(argument, 10, 64)
		if err != nil {
			panic(err)
		}
		finished.Store(0)
		wanted.Store(updates() + count)
		listen(0, lines)
	case "relist":
		wantedVersion.Store(&argument)
		// A list holds more than what is waited for: it is over when nothing comes for a second.
		listen(time.Second, lines)
		wantedVersion.Store(nil)
	}
}

func hasVersion(object any) bool {
	version := wantedVersion.Load()
	if version == nil {
		return false
	}
	accessor, err := meta.Accessor(object)
	return err == nil && accessor.GetResourceVersion() == *version
}

// listen waits for what is wanted, or for any further command, by which whoever measures gives up.
func listen(settle time.Duration, lines <-chan string) {
	before, started := updates(), cpuMs()
	say(map[string]any{"event": "listening"})
	select {
	case <-reached:
	case <-lines:
	}
	for last := int64(-1); settle > 0 && last != updates(); {
		last = updates()
		time.Sleep(settle)
	}
	took := cpuMs() - started
	// A moment for more than was expected.
	time.Sleep(50 * time.Millisecond)
	say(map[string]any{"event": "churned", "cpuMs": took, "updates": updates() - before})
}

// check says what the cache holds.
func check(informer cache.SharedIndexInformer) map[string]any {
	objects, versions := 0, int64(0)
	for _, object := range informer.GetStore().List() {
		accessor, err := meta.Accessor(object)
		if err != nil {
			panic(err)
		}
		version, err := strconv.ParseInt(accessor.GetResourceVersion(), 10, 64)
		if err != nil {
			panic(err)
		}
		objects++
		versions += version
	}
	return map[string]any{"event": "checked", "objects": objects, "versions": versions}
}

// cpuMs is the processor time of this process so far.
func cpuMs() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func say(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		panic(err)
	}
}
