// Command pod-server serves pods that are encoded before anybody asks, as JSON and as protobuf: lists with limit and continue,
// watches, streamed lists, and changes on demand. It spends next to no processor time of its own.
//
//	GET  /api/v1/pods            as kube-apiserver
//	GET  /bench/expect           what a cache must hold: {"objects", "versions"}
//	POST /bench/churn?count=N    changes N pods in turn
//	POST /bench/expire           ends all watches with 410, so that clients list again, and changes one pod
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
)

func main() {
	objects := flag.Int("objects", 1000, "how many pods there are")
	flag.Parse()
	state := newState(*objects)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/pods", func(w http.ResponseWriter, r *http.Request) {
		if watch := r.URL.Query().Get("watch"); watch == "true" || watch == "1" {
			state.watch(w, r)
			return
		}
		state.list(w, r)
	})
	mux.HandleFunc("GET /bench/expect", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(state.expect())
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
	fmt.Printf("{\"server\":\"http://%s\",\"jsonBytes\":%d,\"protobufBytes\":%d}\n",
		listener.Addr(), len(state.pods[0].json.body)+1, len(state.pods[0].protobuf.body))
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
