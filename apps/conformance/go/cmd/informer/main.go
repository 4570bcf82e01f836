// Command informer plays scripted scenarios with client-go's shared informer and tells what it made of them.
//
// It reads one order per line from its standard input and writes one report per line to its standard output, both as
// JSON. Scenarios run beside each other, because backoffs take real time. A scenario ends when its handler is told of the
// object "the-end", or when it is told to stop.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sync"

	"k8s.io/klog/v2"
)

// order is what a line of the input says.
type order struct {
	ID string `json:"id"`
	// URL is where the scripted server of the scenario listens.
	URL string `json:"url"`
	// WatchList says whether to try streaming lists.
	WatchList bool `json:"watchList"`
	// Stop ends a scenario that was begun before.
	Stop bool `json:"stop"`
}

// report is what a line of the output says.
type report struct {
	ID     string   `json:"id"`
	Told   []told   `json:"told"`
	Store  []stored `json:"store"`
	Synced bool     `json:"synced"`
}

func main() {
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)

	var playing sync.WaitGroup
	var writing sync.Mutex
	stops := map[string]context.CancelFunc{}
	output := json.NewEncoder(os.Stdout)
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		var next order
		if err := json.Unmarshal(input.Bytes(), &next); err != nil {
			fail(fmt.Errorf("cannot read an order: %w", err))
		}
		if next.Stop {
			stops[next.ID]()
			continue
		}
		ctx, stop := context.WithCancel(context.Background())
		stops[next.ID] = stop
		playing.Go(func() {
			result, err := play(ctx, next)
			if err != nil {
				fail(fmt.Errorf("cannot play %q: %w", next.ID, err))
			}
			writing.Lock()
			defer writing.Unlock()
			if err := output.Encode(result); err != nil {
				fail(err)
			}
		})
	}
	playing.Wait()
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
