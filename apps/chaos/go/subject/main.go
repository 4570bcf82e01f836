// Command subject watches resources with client-go's dynamic shared informers and tells what it sees, as the protocol in
// ../../src/subject-protocol.ts says: the configuration is the first argument, commands come on standard input, messages go
// to standard output, one JSON object a line.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/clientcmd"
)

type resource struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Plural  string `json:"plural"`
}

type config struct {
	Kubeconfig string     `json:"kubeconfig"`
	Resources  []resource `json:"resources"`
	Reconcile  string     `json:"reconcile"`
}

type command struct {
	Cmd string `json:"cmd"`
	ID  int    `json:"id"`
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) < 2 {
		return fmt.Errorf("usage: subject CONFIG")
	}
	var settings config
	if err := json.Unmarshal([]byte(os.Args[1]), &settings); err != nil {
		return fmt.Errorf("cannot read the configuration: %w", err)
	}
	restConfig, err := clientcmd.BuildConfigFromFlags("", settings.Kubeconfig)
	if err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(restConfig)
	if err != nil {
		return err
	}

	out := newOutput(os.Stdout)
	factory := dynamicinformer.NewDynamicSharedInformerFactory(client, 0)
	informers := map[string]cache.SharedIndexInformer{}
	var handlersSynced []cache.InformerSynced
	var reconciler *reconciler
	for _, each := range settings.Resources {
		gvr := schema.GroupVersionResource{Group: each.Group, Version: each.Version, Resource: each.Plural}
		informer := factory.ForResource(gvr).Informer()
		informers[each.Plural] = informer
		err := informer.SetWatchErrorHandlerWithContext(func(ctx context.Context, r *cache.Reflector, err error) {
			cache.DefaultWatchErrorHandler(ctx, r, err)
			out.failure(err)
		})
		if err != nil {
			return err
		}
		registration, err := informer.AddEventHandler(tell(out, each.Plural))
		if err != nil {
			return err
		}
		handlersSynced = append(handlersSynced, registration.HasSynced)
		if each.Plural == settings.Reconcile {
			reconciler, err = newReconciler(out, informer)
			if err != nil {
				return err
			}
		}
	}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	factory.Start(ctx.Done())
	go func() {
		if cache.WaitForCacheSync(ctx.Done(), handlersSynced...) {
			out.say(map[string]any{"type": "synced"})
		}
	}()
	if reconciler != nil {
		reconciler.start(ctx, 4)
	}

	if err := obey(out, informers); err != nil {
		return err
	}
	cancel()
	if reconciler != nil {
		reconciler.stop()
	}
	factory.Shutdown()
	out.say(map[string]any{"type": "stopped", "activeResources": []string{}})
	return nil
}

// obey does what the runner asks for until it asks to stop, or is gone.
func obey(out *output, informers map[string]cache.SharedIndexInformer) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked command
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return fmt.Errorf("cannot read a command: %w", err)
		}
		switch asked.Cmd {
		case "stop":
			return nil
		case "store":
			out.say(map[string]any{"type": "store", "id": asked.ID, "resources": contents(informers)})
		case "gc":
			out.say(memory(asked.ID))
		}
	}
	return lines.Err()
}
