package main

import (
	"encoding/binary"
	"fmt"
	"iter"
	"net/http"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const protobufType = "application/vnd.kubernetes.protobuf"

// magic begins each object in protobuf.
const magic = "k8s\x00"

func wantsProtobuf(r *http.Request) bool {
	first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
	return strings.HasPrefix(strings.TrimSpace(first), protobufType)
}

// list answers a page. As on kube-apiserver, a list from version 0 comes from the watch cache, which does not page.
func (s *state) list(w http.ResponseWriter, r *http.Request, of view) {
	query := r.URL.Query()
	versions, version := s.snapshot()
	first, end := 0, of.count
	if token := query.Get("continue"); token != "" {
		if _, err := fmt.Sscanf(token, "from-%d-at-%d", &first, &version); err != nil || first > end {
			http.Error(w, "the continue token is wrong", http.StatusBadRequest)
			return
		}
	}
	limit, _ := strconv.Atoi(query.Get("limit"))
	meta := metav1.ListMeta{ResourceVersion: strconv.FormatInt(version, 10)}
	if limit > 0 && first+limit < end && query.Get("resourceVersion") != "0" {
		end = first + limit
		meta.Continue = fmt.Sprintf("from-%d-at-%d", end, version)
		remaining := int64(of.count - end)
		meta.RemainingItemCount = &remaining
	}
	if wantsProtobuf(r) {
		s.listProtobuf(w, meta, versions, of.part(first, end))
		return
	}
	s.listJSON(w, meta, versions, of.part(first, end))
}

func (s *state) listJSON(w http.ResponseWriter, meta metav1.ListMeta, versions []int64, part iter.Seq[int]) {
	w.Header().Set("Content-Type", "application/json")
	remaining := ""
	if meta.RemainingItemCount != nil {
		remaining = fmt.Sprintf(`,"remainingItemCount":%d`, *meta.RemainingItemCount)
	}
	next := ""
	if meta.Continue != "" {
		next = fmt.Sprintf(`,"continue":%q`, meta.Continue)
	}
	_, _ = fmt.Fprintf(w, `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":%q%s%s},"items":[`,
		meta.ResourceVersion, next, remaining)
	var buffer []byte
	isFirst := true
	for i := range part {
		buffer = buffer[:0]
		if !isFirst {
			buffer = append(buffer, ',')
		}
		isFirst = false
		buffer = s.pods[i].json.appendTo(append(buffer, '{'), versions[i])
		if _, err := w.Write(buffer); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte("]}\n"))
}

func (s *state) listProtobuf(w http.ResponseWriter, meta metav1.ListMeta, versions []int64, part iter.Seq[int]) {
	w.Header().Set("Content-Type", protobufType)
	head, err := meta.Marshal()
	if err != nil {
		panic(err)
	}
	head = appendField(nil, 1, head)
	size := len(head)
	for i := range part {
		size += fieldSize(len(s.pods[i].protobuf.body))
	}
	buffer := appendEnvelope([]byte(magic), "PodList", size)
	_, _ = w.Write(append(buffer, head...))
	for i := range part {
		body := s.pods[i].protobuf
		buffer = binary.AppendUvarint(append(buffer[:0], 2<<3|2), uint64(len(body.body)))
		if _, err := w.Write(body.appendTo(buffer, versions[i])); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte(envelopeEnd))
}

// envelopeEnd is the empty contentEncoding and contentType of runtime.Unknown.
const envelopeEnd = "\x1a\x00\x22\x00"

// appendEnvelope begins a runtime.Unknown whose raw bytes, as many as size says, and envelopeEnd must follow.
func appendEnvelope(buffer []byte, kind string, size int) []byte {
	buffer = appendField(buffer, 1, appendField(appendField(nil, 1, []byte("v1")), 2, []byte(kind)))
	return binary.AppendUvarint(append(buffer, 2<<3|2), uint64(size))
}

func appendField(buffer []byte, field byte, content []byte) []byte {
	return append(binary.AppendUvarint(append(buffer, field<<3|2), uint64(len(content))), content...)
}

func fieldSize(size int) int {
	return 1 + len(binary.AppendUvarint(nil, uint64(size))) + size
}

// watch streams changes, and the collection before them when that is asked for.
func (s *state) watch(w http.ResponseWriter, r *http.Request, of view) {
	query := r.URL.Query()
	stream := newStream(w, wantsProtobuf(r))
	version, _ := strconv.ParseInt(query.Get("resourceVersion"), 10, 64)
	if query.Get("sendInitialEvents") == "true" {
		var versions []int64
		versions, version = s.snapshot()
		for i := range of.part(0, of.count) {
			if !stream.pod("ADDED", s.pods[i], versions[i]) {
				return
			}
		}
		stream.bookmark(version, true)
	}
	seconds, _ := strconv.Atoi(query.Get("timeoutSeconds"))
	if seconds == 0 {
		seconds = 3600
	}
	timeout := time.After(time.Duration(seconds) * time.Second)
	bookmarks := time.NewTicker(time.Minute)
	defer bookmarks.Stop()
	for {
		stream.flush()
		changes, current, changed, ok := s.after(version)
		if !ok {
			stream.expired()
			return
		}
		for _, one := range changes {
			if of.has(one.index) && !stream.pod("MODIFIED", s.pods[one.index], one.version) {
				return
			}
		}
		version = current
		if len(changes) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-bookmarks.C:
			stream.bookmark(version, false)
		case <-timeout:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// stream writes the events of a watch.
type stream struct {
	writer     http.ResponseWriter
	isProtobuf bool
	buffer     []byte
	inner      []byte
}

func newStream(w http.ResponseWriter, isProtobuf bool) *stream {
	kind := "application/json"
	if isProtobuf {
		kind = protobufType + ";stream=watch"
	}
	w.Header().Set("Content-Type", kind)
	return &stream{writer: w, isProtobuf: isProtobuf}
}

// flush sends what is written, as kube-apiserver does when no further event waits.
func (s *stream) flush() { _ = http.NewResponseController(s.writer).Flush() }

func (s *stream) pod(event string, one pod, version int64) bool {
	if s.isProtobuf {
		return s.frame(event, "Pod", func(buffer []byte) []byte { return one.protobuf.appendTo(buffer, version) }, len(one.protobuf.body))
	}
	s.buffer = append(s.buffer[:0], `{"type":"`+event+`","object":{"kind":"Pod","apiVersion":"v1",`...)
	s.buffer = append(one.json.appendTo(s.buffer, version), "}\n"...)
	_, err := s.writer.Write(s.buffer)
	return err == nil
}

// frame writes a WatchEvent whose object is an envelope, behind its length in four bytes.
func (s *stream) frame(event, kind string, appendBody func([]byte) []byte, size int) bool {
	s.inner = appendEnvelope(append(s.inner[:0], magic...), kind, size)
	s.inner = append(appendBody(s.inner), envelopeEnd...)
	s.buffer = appendField(append(s.buffer[:0], 0, 0, 0, 0), 1, []byte(event))
	s.buffer = binary.AppendUvarint(append(s.buffer, 2<<3|2), uint64(fieldSize(len(s.inner))))
	s.buffer = appendField(s.buffer, 1, s.inner)
	binary.BigEndian.PutUint32(s.buffer, uint32(len(s.buffer)-4))
	_, err := s.writer.Write(s.buffer)
	return err == nil
}

// object writes an event of something else than a pod.
func (s *stream) object(event, kind, asJSON string, asProtobuf []byte) {
	if s.isProtobuf {
		s.frame(event, kind, func(buffer []byte) []byte { return append(buffer, asProtobuf...) }, len(asProtobuf))
	} else {
		_, _ = s.writer.Write([]byte(`{"type":"` + event + `","object":{"kind":"` + kind + `","apiVersion":"v1",` + asJSON + "}}\n"))
	}
	s.flush()
}

func (s *stream) bookmark(version int64, isInitialEnd bool) {
	meta := metav1.ObjectMeta{ResourceVersion: strconv.FormatInt(version, 10)}
	annotations := ""
	if isInitialEnd {
		meta.Annotations = map[string]string{metav1.InitialEventsAnnotationKey: "true"}
		annotations = `,"annotations":{"` + metav1.InitialEventsAnnotationKey + `":"true"}`
	}
	bytes, err := meta.Marshal()
	if err != nil {
		panic(err)
	}
	s.object("BOOKMARK", "Pod", fmt.Sprintf(
		`"metadata":{"resourceVersion":"%d"%s},"spec":{"containers":null},"status":{}`, version, annotations,
	), appendField(nil, 1, bytes))
}

func (s *stream) expired() {
	status := metav1.Status{
		Status: "Failure", Reason: metav1.StatusReasonExpired, Code: http.StatusGone, Message: "too old resource version",
	}
	bytes, err := status.Marshal()
	if err != nil {
		panic(err)
	}
	s.object("ERROR", "Status",
		`"metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410`, bytes)
}
