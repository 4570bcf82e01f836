package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"reflect"
	"sort"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/randfill"
)

// writeSamples writes, a line each, a kind with the protobuf of an object and the JSON that the server makes of the same bytes.
func writeSamples(count int, seed int64) {
	types := kinds()
	all := make([]schema.GroupVersionKind, 0, len(types))
	for gvk := range types {
		all = append(all, gvk)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].String() < all[j].String() })
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	serializer := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	source := rand.New(rand.NewSource(seed))
	for _, gvk := range all {
		for i := range count {
			object := reflect.New(types[gvk]).Interface().(runtime.Object)
			// The first has everything, the second nothing, others some of everything.
			chance := []float64{1, 0, 0.7, 0.3}[i%4]
			fill(object, source, chance)
			object.GetObjectKind().SetGroupVersionKind(gvk)
			var wire bytes.Buffer
			if err := serializer.Encode(object, &wire); err != nil {
				panic(fmt.Sprint(gvk, err))
			}
			read, _, err := serializer.Decode(wire.Bytes(), nil, nil)
			if err != nil {
				panic(fmt.Sprint(gvk, err))
			}
			// Decoding clears what the type is, and encoding says it again.
			read.GetObjectKind().SetGroupVersionKind(gvk)
			if err := encoder.Encode(map[string]any{"kind": gvk.GroupVersion().String() + "/" + gvk.Kind, "json": read, "protobuf": wire.Bytes()}); err != nil {
				panic(fmt.Sprint(gvk, err))
			}
		}
	}
}

var letters = []rune("abcXYZ019-_./: \"\\<>&\n\té€𝄞\u2028\u0000")

func fill(object any, source *rand.Rand, chance float64) {
	// Where everything is filled, a second element would double the object at each of a dozen levels.
	most := 1
	if chance < 0.5 {
		most = 3
	}
	filler := randfill.New().RandSource(rand.NewSource(source.Int63())).NilChance(1-chance).NumElements(1, most).MaxDepth(100).Funcs(
		func(t *metav1.Time, c randfill.Continue) { *t = metav1.NewTime(moment(c, chance)) },
		func(t *metav1.MicroTime, c randfill.Continue) { *t = metav1.NewMicroTime(moment(c, chance)) },
		func(q *resource.Quantity, c randfill.Continue) {
			if !isSkipped(c, chance) {
				*q = resource.MustParse([]string{"1", "100m", "1.5Gi", "-3k", "1e3", "0", "12E", "123456789n"}[c.Intn(8)])
			}
		},
		func(v *intstr.IntOrString, c randfill.Continue) {
			if !isSkipped(c, chance) {
				*v = []intstr.IntOrString{intstr.FromInt32(c.Int31() - c.Int31()), intstr.FromString(word(c)), intstr.FromString("")}[c.Intn(3)]
			}
		},
		func(r *runtime.RawExtension, c randfill.Continue) { r.Raw = raw(c, chance) },
		func(f *metav1.FieldsV1, c randfill.Continue) { f.SetRawBytes(raw(c, chance)) },
		func(t *metav1.TypeMeta, c randfill.Continue) {},
		func(s *string, c randfill.Continue) {
			if !isSkipped(c, chance) {
				*s = word(c)
			}
		},
		func(n *int64, c randfill.Continue) { *n = whole(c, chance) },
		func(n *int32, c randfill.Continue) { *n = int32(whole(c, chance)) },
		func(b *bool, c randfill.Continue) { *b = !isSkipped(c, chance) && c.Bool() },
		func(b *[]byte, c randfill.Continue) {
			if !isSkipped(c, chance) {
				*b = []byte(word(c))
			}
		},
	)
	filler.Fill(object)
}

func isSkipped(c randfill.Continue, chance float64) bool { return c.Float64() >= chance }

func moment(c randfill.Continue, chance float64) time.Time {
	if isSkipped(c, chance) {
		return time.Time{}
	}
	// Up to the year 9999, beyond which Go has no JSON.
	return time.Unix(c.Int63n(253402300800+62135596800)-62135596800, c.Int63n(1_000_000)*1000).UTC()
}

func whole(c randfill.Continue, chance float64) int64 {
	if isSkipped(c, chance) {
		return 0
	}
	return (c.Int63() >> c.Intn(63)) * int64(1-2*c.Intn(2))
}

func word(c randfill.Continue) string {
	n := c.Intn(12)
	if c.Intn(20) == 0 {
		n = 100 + c.Intn(200)
	}
	out := make([]rune, n)
	limit := len(letters)
	if c.Bool() {
		limit = 12
	}
	for i := range out {
		out[i] = letters[c.Intn(limit)]
	}
	return string(out)
}

func raw(c randfill.Continue, chance float64) []byte {
	if isSkipped(c, chance) {
		return nil
	}
	return []byte([]string{`{"a":{"__proto__":1}}`, `[1,"é"]`, `"text"`, `null`, `{}`, `1.50`}[c.Intn(6)])
}
