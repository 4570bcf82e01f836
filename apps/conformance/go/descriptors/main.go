// Program descriptors writes what protobuf and JSON call the fields of the built-in kinds, as packages/client/data/kinds.json
// has it, or, with -samples, objects of every kind in both encodings. The format is described in packages/client/data/README.md.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	samples := flag.Int("samples", 0, "write so many objects of each kind instead of the tables")
	seed := flag.Int64("seed", 1, "makes the samples")
	flag.Parse()
	// The forms of answers that hold metadata alone are not in the scheme of clients.
	if err := metav1.AddMetaToScheme(scheme.Scheme); err != nil {
		panic(err)
	}
	if *samples > 0 {
		writeSamples(*samples, *seed)
		return
	}
	writeTables()
}

// kinds are the types of single objects: lists are lists of them, options are never in an answer, and events of a watch are
// read by hand.
func kinds() map[schema.GroupVersionKind]reflect.Type {
	all := scheme.Scheme.AllKnownTypes()
	found := map[schema.GroupVersionKind]reflect.Type{}
	for gvk, t := range all {
		if gvk.Version == "__internal" || strings.HasSuffix(gvk.Kind, "Options") || gvk.Kind == "WatchEvent" || gvk.Kind == "List" || !isProto(t) {
			continue
		}
		if item, isList := listItem(t); isList {
			if all[gvk.GroupVersion().WithKind(strings.TrimSuffix(gvk.Kind, "List"))] != item {
				panic(fmt.Sprint(gvk, " is no list of its kind"))
			}
			continue
		}
		// The types of discovery and of failures are registered in every group; they are of the group "" alone.
		if t.PkgPath() == metaPackage && gvk.Group != "" && gvk.Group != metav1.GroupName {
			continue
		}
		found[gvk] = t
	}
	return found
}

var metaPackage = reflect.TypeFor[metav1.Status]().PkgPath()

// listItem is the type of a list's items. The reader of lists relies on the numbers of the two fields.
func listItem(t reflect.Type) (reflect.Type, bool) {
	meta, hasMeta := t.FieldByName("ListMeta")
	items, hasItems := t.FieldByName("Items")
	if !hasMeta || !hasItems {
		return nil, false
	}
	if number(meta) != 1 || number(items) != 2 {
		panic(fmt.Sprint(t, " is a list with other numbers"))
	}
	return items.Type.Elem(), true
}

func writeTables() {
	tables := newTables()
	byVersion := map[string]map[string]string{}
	for gvk, t := range kinds() {
		version := gvk.GroupVersion().String()
		if byVersion[version] == nil {
			byVersion[version] = map[string]string{}
		}
		byVersion[version][gvk.Kind] = tables.message(t)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	// Maps come in the order of their keys, a line each, so that a new version shows as the lines that differ.
	encoder.SetIndent("", "  ")
	source := "k8s.io/api " + versionOf("k8s.io/api") + ", Copyright The Kubernetes Authors, Apache-2.0"
	if err := encoder.Encode(data{source, byVersion, tables.messages}); err != nil {
		panic(err)
	}
}

type data struct {
	Source   string                       `json:"source"`
	Kinds    map[string]map[string]string `json:"kinds"`
	Messages map[string]string            `json:"messages"`
}

func versionOf(module string) string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		panic("built without modules")
	}
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return dependency.Version
		}
	}
	panic("does not depend on " + module)
}
