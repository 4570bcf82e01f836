package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"k8s.io/client-go/tools/cache"
)

var objectNames = []string{
	"a", "b", "web-1", "default", "kube-system", "constructor", "__proto__", "toString", "hasOwnProperty", "0", "-1", "A.b_c",
}

func (s *source) objectName() string {
	switch s.IntN(12) {
	case 0:
		return s.soup(objectNames, 5)
	case 1:
		return s.mutate(pick(s, objectNames))
	case 2:
		return pick(s, []string{"", "/", "a/b", "/a", "a/", "//"})
	}
	if s.in(100) {
		return s.long(253, "n")
	}
	return pick(s, objectNames)
}

// keys are cases of ["object", namespace, name, key], ["tombstone", namespace, name, key, key] and ["key", key] when it is
// refused, and else ["key", key, namespace, name].
func keys(s *source) (any, func() []any) {
	return map[string]any{}, func() []any {
		object := &metav1.PartialObjectMetadata{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.objectName(), Name: s.objectName()},
		}
		if s.in(4) {
			object.Namespace = ""
		}
		switch s.IntN(3) {
		case 0:
			key, err := cache.MetaNamespaceKeyFunc(object)
			must(err)
			return []any{"object", object.Namespace, object.Name, key}
		case 1:
			stored := s.objectName()
			key, err := cache.DeletionHandlingMetaNamespaceKeyFunc(cache.DeletedFinalStateUnknown{Key: stored, Obj: object})
			must(err)
			return []any{"tombstone", object.Namespace, object.Name, stored, key}
		}
		key := s.objectName()
		if s.in(2) {
			key += "/" + s.objectName()
		}
		namespace, name, err := cache.SplitMetaNamespaceKey(key)
		if err != nil {
			return []any{"key", key}
		}
		return []any{"key", key, namespace, name}
	}
}

// resourceVersions are cases of [a, b] when they have no order, and else [a, b, order].
func resourceVersions(s *source) (any, func() []any) {
	return map[string]any{}, func() []any {
		a := s.resourceVersion()
		b := s.resourceVersion()
		if s.in(6) {
			b = a
		}
		order, err := resourceversion.CompareResourceVersion(a, b)
		if err != nil {
			return []any{a, b}
		}
		return []any{a, b, order}
	}
}

func (s *source) resourceVersion() string {
	if s.in(8) {
		return pick(s, []string{"", "0", "00", "01", "-1", "+1", "1.0", "1e3", "0x10", " 1", "1 ", "1\n", "١", "１", "1_000", "1,000", "v1", "NaN", "null"})
	}
	if s.in(12) {
		return s.soup([]string{"1", "23", "456"}, 4)
	}
	length := 1 + s.IntN(4)
	switch s.IntN(4) {
	case 0:
		length = 15 + s.IntN(6)
	case 1:
		length = 36 + s.IntN(8)
	}
	digits := []byte{byte('1' + s.IntN(9))}
	for len(digits) < length {
		digits = append(digits, byte('0'+s.IntN(10)))
	}
	if s.in(3) {
		// Numbers that are the same as far as a double can tell.
		copy(digits, "9007199254740993")
	}
	return string(digits)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
