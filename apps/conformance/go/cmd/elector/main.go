// Command elector runs client-go's leader elector on one Lease and says on standard output what it believes, one JSON object a
// line: when it leads, each piece of work it does as the leader, and when it has stopped. Times are nanoseconds of
// CLOCK_MONOTONIC, which all processes of a host share.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

type line struct {
	Event  string `json:"event"`
	At     string `json:"at"`
	Leader string `json:"leader,omitempty"`
}

func monotonic() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		fail(err)
	}
	return now.Nano()
}

// say writes with one system call, so that lines of several goroutines do not mix.
func say(event string, leader string) {
	text, err := json.Marshal(line{Event: event, At: fmt.Sprint(monotonic()), Leader: leader})
	if err != nil {
		fail(err)
	}
	if _, err := os.Stdout.Write(append(text, '\n')); err != nil {
		os.Exit(3)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(2)
}

// work does a piece of work every few milliseconds for as long as it may.
func work(ctx context.Context, every time.Duration) {
	say("started", "")
	for ctx.Err() == nil {
		say("work", "")
		select {
		case <-ctx.Done():
		case <-time.After(every):
		}
	}
	say("stopped", "")
}

func main() {
	server := flag.String("server", "", "address of the API server; the token and its certificate are in ELECTOR_TOKEN and ELECTOR_CA")
	namespace := flag.String("namespace", "default", "namespace of the Lease")
	name := flag.String("name", "election", "name of the Lease")
	identity := flag.String("identity", "", "who this process is")
	lease := flag.Duration("lease", 15*time.Second, "lease duration")
	renew := flag.Duration("renew", 10*time.Second, "renew deadline")
	retry := flag.Duration("retry", 2*time.Second, "retry period")
	every := flag.Duration("every", 10*time.Millisecond, "time between two pieces of work")
	flag.Parse()

	config := &rest.Config{
		Host:            *server,
		BearerToken:     os.Getenv("ELECTOR_TOKEN"),
		TLSClientConfig: rest.TLSClientConfig{CAData: []byte(os.Getenv("ELECTOR_CA"))},
		Timeout:         max(time.Second, *renew/2),
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		fail(err)
	}

	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	worked := make(chan struct{})
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: &resourcelock.LeaseLock{
			LeaseMeta:  metav1.ObjectMeta{Namespace: *namespace, Name: *name},
			Client:     client.CoordinationV1(),
			LockConfig: resourcelock.ResourceLockConfig{Identity: *identity},
		},
		LeaseDuration:   *lease,
		RenewDeadline:   *renew,
		RetryPeriod:     *retry,
		ReleaseOnCancel: true,
		Name:            *name,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) {
				defer close(worked)
				work(ctx, *every)
			},
			OnStoppedLeading: func() {},
			OnNewLeader:      func(identity string) { say("leader", identity) },
		},
	})
	if err != nil {
		fail(err)
	}
	say("running", "")
	elector.Run(ctx)
	if ctx.Err() == nil {
		// As the components of Kubernetes do: what was lost is not won back by the same process. Its work has been told to
		// end; that it has is said first, so that the last line is the reason.
		<-worked
		say("lost", "")
		os.Exit(1)
	}
	say("ended", "")
}
