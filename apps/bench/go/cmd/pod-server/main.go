// Command pod-server serves pods that are encoded before anybody asks, as JSON and as protobuf: lists with limit and continue,
// watches, streamed lists, and changes on demand. It spends next to no processor time of its own.
//
//	GET  /api/v1/pods            as kube-apiserver; also of one namespace
//	GET  /bench/expect           what a cache must hold: {"objects", "versions"}; with ?namespaces=N, of the first N namespaces
//	GET  /bench/connections      with -tls, how many connections clients have opened
//	POST /bench/churn?count=N    changes N pods in turn
//	POST /bench/expire           ends all watches with 410, so that clients list again, and changes one pod
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync/atomic"

	"kubeloop.test/bench/internal/pods"
)

func main() {
	objects := flag.Int("objects", 1000, "how many pods there are")
	protobufOnly := flag.Bool("protobuf-only", false, "prepare no JSON, to save memory")
	secure := flag.Bool("tls", false, "serve pods over TLS, as HTTP/1.1 or HTTP/2, with a certificate that nobody trusts")
	flag.Parse()
	state := newState(*objects, *protobufOnly)
	mux := http.NewServeMux()
	serve := func(w http.ResponseWriter, r *http.Request, of view) {
		if *protobufOnly && !wantsProtobuf(r) {
			http.Error(w, "no JSON is prepared", http.StatusNotAcceptable)
			return
		}
		if watch := r.URL.Query().Get("watch"); watch == "true" || watch == "1" {
			state.watch(w, r, of)
			return
		}
		state.list(w, r, of)
	}
	mux.HandleFunc("GET /api/v1/pods", func(w http.ResponseWriter, r *http.Request) { serve(w, r, state.all()) })
	mux.HandleFunc("GET /api/v1/namespaces/{namespace}/pods", func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, state.in(r.PathValue("namespace")))
	})
	mux.HandleFunc("GET /bench/expect", func(w http.ResponseWriter, r *http.Request) {
		namespaces, err := strconv.Atoi(r.URL.Query().Get("namespaces"))
		if err != nil {
			namespaces = pods.Namespaces
		}
		_ = json.NewEncoder(w).Encode(state.expect(namespaces))
	})
	var accepted atomic.Int64
	mux.HandleFunc("GET /bench/connections", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(accepted.Load())
	})
	mux.HandleFunc("POST /bench/churn", func(w http.ResponseWriter, r *http.Request) {
		count, err := strconv.Atoi(r.URL.Query().Get("count"))
		if err != nil || count < 0 {
			http.Error(w, "count must be a number", http.StatusBadRequest)
			return
		}
		state.churn(count)
	})
	mux.HandleFunc("POST /bench/expire", func(http.ResponseWriter, *http.Request) { state.expire() })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	control := "http://" + listener.Addr().String()
	server := control
	if *secure {
		// The first address stays the one of /bench, so that only clients are counted.
		clients := httptest.NewUnstartedServer(mux)
		clients.EnableHTTP2 = true
		clients.Config.ConnState = func(_ net.Conn, to http.ConnState) {
			if to == http.StateNew {
				accepted.Add(1)
			}
		}
		clients.StartTLS()
		server = clients.URL
	}
	fmt.Printf("{\"server\":%q,\"control\":%q,\"jsonBytes\":%d,\"protobufBytes\":%d}\n",
		server, control, len(state.pods[0].json.body)+1, len(state.pods[0].protobuf.body))
	go exitWithParent()
	panic(http.Serve(listener, mux))
}

// exitWithParent ends the process when its standard input is closed.
func exitWithParent() {
	buffer := make([]byte, 64)
	for {
		if _, err := os.Stdin.Read(buffer); err != nil {
			os.Exit(0)
		}
	}
}
