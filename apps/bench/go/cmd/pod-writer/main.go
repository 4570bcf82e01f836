// Command pod-writer fills a cluster with pods and changes them, with as many requests at a time as it is told, and answers by
// lines: "expect", "churn N". Each answer says what a cache must hold.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"kubeloop.test/bench/internal/pods"
)

func main() {
	objects := flag.Int("objects", 1000, "how many pods there are")
	workers := flag.Int("workers", 16, "how many requests are sent at a time")
	flag.Parse()
	client, err := kubernetes.NewForConfig(&rest.Config{
		Host: os.Getenv("BENCH_SERVER"), BearerToken: os.Getenv("BENCH_TOKEN"), QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAFile: os.Getenv("BENCH_CA_FILE")},
		ContentConfig:   rest.ContentConfig{ContentType: "application/vnd.kubernetes.protobuf"},
	})
	check(err)
	w := &writer{client: client, workers: *workers, objects: *objects}
	w.fill()
	w.answer()
	for scanner := bufio.NewScanner(os.Stdin); scanner.Scan(); {
		command, argument, _ := strings.Cut(scanner.Text(), " ")
		if command == "churn" {
			count, err := strconv.Atoi(argument)
			check(err)
			w.churn(count)
		}
		w.answer()
	}
}

type writer struct {
	client           *kubernetes.Clientset
	workers, objects int
	changed          int
}

// fill creates the namespaces and pods, each with its status.
func (w *writer) fill() {
	ctx := context.Background()
	for i := range pods.Namespaces {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: pods.Namespace(i)}}
		if _, err := w.client.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
			check(err)
		}
	}
	w.each(w.objects, func(i int) {
		pod := pods.Make(i, 0)
		pod.ResourceVersion, pod.UID, pod.ManagedFields = "", "", nil
		status := pod.Status
		created, err := w.client.CoreV1().Pods(pod.Namespace).Create(ctx, pod, metav1.CreateOptions{FieldManager: "kube-controller-manager"})
		check(err)
		created.Status = status
		_, err = w.client.CoreV1().Pods(pod.Namespace).UpdateStatus(ctx, created, metav1.UpdateOptions{FieldManager: "kubelet"})
		check(err)
	})
}

// churn changes an annotation of pods in turn.
func (w *writer) churn(count int) {
	first := w.changed
	w.changed += count
	w.each(count, func(i int) {
		pod := pods.Make((first+i)%w.objects, 0)
		patch := fmt.Sprintf(`{"metadata":{"annotations":{"checksum/config":"%064x"}}}`, 1_000_000_000+first+i)
		_, err := w.client.CoreV1().Pods(pod.Namespace).Patch(context.Background(), pod.Name, types.MergePatchType, []byte(patch), metav1.PatchOptions{FieldManager: "kubelet"})
		check(err)
	})
}

// each runs a job for each number below the count, some at a time.
func (w *writer) each(count int, job func(int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range w.workers {
		group.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				job(i)
			}
		})
	}
	group.Wait()
}

// answer says what a cache must hold.
func (w *writer) answer() {
	objects, versions := 0, int64(0)
	options := metav1.ListOptions{Limit: 500}
	for {
		page, err := w.client.CoreV1().Pods("").List(context.Background(), options)
		check(err)
		for i := range page.Items {
			version, err := strconv.ParseInt(page.Items[i].ResourceVersion, 10, 64)
			check(err)
			objects++
			versions += version
		}
		if options.Continue = page.Continue; options.Continue == "" {
			break
		}
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{"objects": objects, "versions": versions}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
