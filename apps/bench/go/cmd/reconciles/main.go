// Command reconciles is a controller in controller-runtime, as its documentation has it: a manager, a builder and the cached
// client, typed. What it does and says is that of ../../../src/reconciles/subject.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
)

var (
	work    = flag.String("work", "no-op", "no-op, status or latency")
	objects = flag.Int64("objects", 0, "how many reconciles to wait for")
	workers = flag.Int("workers", 8, "how many reconciles may run at once")
	round   = flag.Int64("round", 1, "what goes into each status")

	startedUs = time.Now().UnixMicro()
)

type reconciler struct {
	client.Client
	count   atomic.Int64
	firstUs atomic.Int64

	mutex sync.Mutex
	// What was measured, in microseconds, and the last change of each object.
	latencies []int64
	seen      map[string]int64
}

// Reconcile reads the object and does what -work says.
func (r *reconciler) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	startUs := time.Now().UnixMicro()
	var gadget Gadget
	if err := r.Get(ctx, request.NamespacedName, &gadget); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	switch *work {
	case "status":
		before := gadget.DeepCopy()
		gadget.Status = GadgetStatus{ObservedGeneration: gadget.Generation, Round: *round, Phase: "Ready"}
		if err := r.Status().Patch(ctx, &gadget, client.MergeFrom(before)); err != nil {
			return ctrl.Result{}, err
		}
	case "latency":
		r.note(request.String(), gadget.Spec.SentAtUs, startUs)
	}
	r.firstUs.CompareAndSwap(0, startUs)
	if r.count.Add(1) == *objects {
		say(map[string]any{
			"event": "done", "atUs": time.Now().UnixMicro(), "firstUs": r.firstUs.Load(),
			"cpuMs": cpuMs(), "peakRssKb": peakRssKb(),
		})
	}
	return ctrl.Result{}, nil
}

func (r *reconciler) note(key string, sentAtUs, startUs int64) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if sentAtUs > startedUs && sentAtUs > r.seen[key] {
		r.seen[key] = sentAtUs
		r.latencies = append(r.latencies, startUs-sentAtUs)
	}
}

func main() {
	flag.Parse()
	ctrl.SetLogger(logr.Discard())
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	scheme := runtime.NewScheme()
	if err := addToScheme(scheme); err != nil {
		return err
	}
	config := &rest.Config{
		Host: os.Getenv("BENCH_SERVER"), BearerToken: os.Getenv("BENCH_TOKEN"), QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAFile: os.Getenv("BENCH_CA_FILE")},
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	if err != nil {
		return err
	}
	r := &reconciler{Client: manager.GetClient(), seen: map[string]int64{}}
	err = ctrl.NewControllerManagedBy(manager).
		Named("gadget").
		For(&Gadget{}, builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: *workers}).
		Complete(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		defer cancel()
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			if lines.Text() == "report" {
				r.mutex.Lock()
				say(map[string]any{"event": "report", "latenciesUs": r.latencies, "cpuMs": cpuMs()})
				r.mutex.Unlock()
			}
		}
	}()
	return manager.Start(ctx)
}

// cpuMs is the processor time of this process so far.
func cpuMs() float64 {
	usage := rusage()
	return float64(usage.Utime.Nano()+usage.Stime.Nano()) / 1e6
}

func peakRssKb() int64 { return rusage().Maxrss }

func rusage() syscall.Rusage {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage
}

func say(value any) {
	if err := json.NewEncoder(os.Stdout).Encode(value); err != nil {
		panic(err)
	}
}
