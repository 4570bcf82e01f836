package main

import (
	"bytes"
	"encoding/json"
	"runtime/debug"
	"strconv"
	"sync"

	"kubeloop.test/bench/internal/pods"
)

// firstVersion makes all versions equally long, so that they can be replaced in encoded pods.
const firstVersion = 100_000_000

// encoded is a pod whose version stands at an offset.
type encoded struct {
	body   []byte
	offset int
}

// appendTo appends the pod in the given version.
func (e encoded) appendTo(buffer []byte, version int64) []byte {
	start := len(buffer)
	buffer = append(buffer, e.body...)
	strconv.AppendInt(buffer[start+e.offset:start+e.offset], version, 10)
	return buffer
}

// pod is one pod in both encodings. JSON lacks its opening brace, since lists leave out kind and apiVersion and watches do not.
type pod struct{ json, protobuf encoded }

type change struct {
	index   int
	version int64
}

type state struct {
	pods []pod

	mutex    sync.Mutex
	versions []int64
	version  int64
	// oldest is the version from which on changes are known.
	oldest  int64
	changes []change
	next    int
	// changed is closed at the next change.
	changed chan struct{}
}

func newState(count int, protobufOnly bool) *state {
	// What is prepared stays, and the garbage of preparing it should not double it.
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	s := &state{pods: make([]pod, count), versions: make([]int64, count), changed: make(chan struct{})}
	for i := range count {
		version := firstVersion + int64(i)
		s.pods[i] = encode(i, version, protobufOnly)
		s.versions[i] = version
	}
	s.version = firstVersion + int64(count)
	s.oldest = s.version
	return s
}

func encode(i int, version int64, protobufOnly bool) pod {
	made := pods.Make(i, version)
	asProtobuf, err := made.Marshal()
	if err != nil {
		panic(err)
	}
	text := strconv.FormatInt(version, 10)
	protobuf := encoded{asProtobuf, offsetOf(asProtobuf, "\x32\x09", text)}
	if protobufOnly {
		return pod{protobuf: protobuf}
	}
	asJSON, err := json.Marshal(made)
	if err != nil {
		panic(err)
	}
	return pod{json: encoded{asJSON[1:], offsetOf(asJSON[1:], `"resourceVersion":"`, text)}, protobuf: protobuf}
}

// offsetOf finds the version behind what precedes it. In protobuf that is field 6 of the metadata with nine bytes.
func offsetOf(body []byte, before, version string) int {
	at := bytes.Index(body, []byte(before+version))
	if at < 0 {
		panic("a pod has no version")
	}
	return at + len(before)
}

// expectation is what a cache must hold.
type expectation struct {
	Objects int `json:"objects"`
	// Versions is the sum of all resource versions.
	Versions int64 `json:"versions"`
	// Version is that of the collection.
	Version int64 `json:"version"`
}

func (s *state) expect(namespaces int) expectation {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	count, sum := 0, int64(0)
	for i, version := range s.versions {
		if i%pods.Namespaces < namespaces {
			count++
			sum += version
		}
	}
	return expectation{count, sum, s.version}
}

// churn changes pods in turn, spread over the collection.
func (s *state) churn(count int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.change(count)
}

func (s *state) change(count int) {
	for range count {
		s.next = (s.next + 7919) % len(s.pods)
		s.version++
		s.versions[s.next] = s.version
		s.changes = append(s.changes, change{s.next, s.version})
	}
	s.wake()
}

// expire forgets what changed so far, and changes one pod.
func (s *state) expire() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.version++
	s.oldest = s.version
	s.changes = nil
	s.change(1)
}

func (s *state) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// snapshot returns the versions of all pods and of the collection.
func (s *state) snapshot() ([]int64, int64) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]int64(nil), s.versions...), s.version
}

// after returns the changes after a version, the current version, and what to wait for when there are none; false when the
// version is too old.
func (s *state) after(version int64) (changes []change, current int64, changed <-chan struct{}, ok bool) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if version < s.oldest {
		return nil, s.version, nil, false
	}
	first := len(s.changes)
	for first > 0 && s.changes[first-1].version > version {
		first--
	}
	return s.changes[first:], s.version, s.changed, true
}
