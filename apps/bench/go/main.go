// Command bench measures client-go and controller-runtime with the definitions of ../src, and prints one JSON object per line:
// first the versions, then the samples of each benchmark in nanoseconds per operation. Its arguments choose benchmarks by id.
package main

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// limits bound how long one benchmark runs.
type limits struct {
	quick  bool
	budget time.Duration
}

// benchmark yields samples in nanoseconds per operation.
type benchmark struct {
	id     string
	sample func(limits) []float64
}

func main() {
	quick := flag.Bool("quick", false, "fewer rounds and smaller sizes")
	flag.Parse()
	bounds := limits{quick: *quick, budget: 2 * time.Second}
	if *quick {
		bounds.budget = 200 * time.Millisecond
	}
	out := json.NewEncoder(os.Stdout)
	write(out, map[string]any{"versions": versions()})
	for _, one := range slices.Concat(queueBenchmarks(), priorityBenchmarks(), storeBenchmarks(), informerBenchmarks()) {
		if flag.NArg() > 0 && !slices.Contains(flag.Args(), one.id) {
			continue
		}
		if samples := one.sample(bounds); samples != nil {
			write(out, map[string]any{"id": one.id, "samples": samples})
		}
		runtime.GC()
	}
}

// rounds runs a round, which does some operations and says how long they took, until the time is up.
func rounds(bounds limits, operations int, round func() time.Duration) []float64 {
	var samples []float64
	started := time.Now()
	for len(samples) < 3 || time.Since(started) < bounds.budget {
		samples = append(samples, float64(round().Nanoseconds())/float64(operations))
	}
	return samples[len(samples)/4:]
}

// versions names the toolchain and the libraries that were measured.
func versions() map[string]string {
	found := map[string]string{"go": runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return found
	}
	for _, module := range info.Deps {
		switch module.Path {
		case "k8s.io/client-go", "sigs.k8s.io/controller-runtime":
			found[module.Path] = module.Version
		}
	}
	return found
}

func write(out *json.Encoder, value any) {
	if err := out.Encode(value); err != nil {
		panic(err)
	}
}
