package main

import (
	"context"
	"errors"
	"slices"
	"sort"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// ownerKinds are the resources whose objects own others.
var ownerKinds = []schema.GroupVersionKind{
	{Group: "apps", Version: "v1", Kind: "Deployment"},
	{Group: "example.com", Version: "v1", Kind: "WebApp"},
	{Group: "", Version: "v1", Kind: "Node"},
}

var (
	apiVersions = []string{"v1", "apps/v1", "apps/v1", "apps/v1beta1", "example.com/v1", "example.com/v2"}
	strangeOnes = []string{"", "/", "apps/", "/v1", "a/b/c", "//", "APPS/v1", "apps", " apps/v1", "example.com", "__proto__/v1", "apps/v9"}
	kinds       = []string{"Deployment", "Deployment", "WebApp", "WebApp", "Node", "deployment", "ReplicaSet", "", "constructor"}
	uids        = []types.UID{"1", "2", "3", "", "__proto__"}
)

func (s *source) apiVersion() string {
	if s.in(12) {
		return pick(s, strangeOnes)
	}
	return pick(s, apiVersions)
}

func (s *source) ownerName() string {
	if s.in(15) {
		return pick(s, []string{"", "a/b", "日本", "constructor", "__proto__"})
	}
	return pick(s, []string{"a", "b", "c"})
}

func (s *source) ownerReference() metav1.OwnerReference {
	reference := metav1.OwnerReference{
		APIVersion: s.apiVersion(), Kind: pick(s, kinds), Name: s.ownerName(), UID: pick(s, uids),
	}
	if !s.in(4) {
		controller := s.in(3)
		reference.Controller = &controller
	}
	if s.in(8) {
		block := s.in(2)
		reference.BlockOwnerDeletion = &block
	}
	return reference
}

func (s *source) owned() *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Pod"}}
	object.SetName("owned")
	object.SetNamespace(pick(s, []string{"x", "x", "y", ""}))
	object.SetOwnerReferences(list(s, 4, s.ownerReference))
	return object
}

// short writes references as [apiVersion, kind, name, uid, controller, blockOwnerDeletion], with 1 for true, 0 for false and
// nothing at the end for what is not set, or -1 before something that is. One that was there before is its index instead.
func short(references, before []metav1.OwnerReference) []any {
	written := []any{}
	for _, each := range references {
		known := slices.IndexFunc(before, func(old metav1.OwnerReference) bool { return equality.Semantic.DeepEqual(old, each) })
		if known != -1 {
			written = append(written, known)
			continue
		}
		facts := []any{each.APIVersion, each.Kind, each.Name, each.UID, tell(each.Controller), tell(each.BlockOwnerDeletion)}
		for facts[len(facts)-1] == -1 {
			facts = facts[:len(facts)-1]
		}
		written = append(written, facts)
	}
	return written
}

func tell(yes *bool) int {
	switch {
	case yes == nil:
		return -1
	case *yes:
		return 1
	}
	return 0
}

// ownerRequests are cases of [namespace, references, requests by kind for controllers, the same for every owner, the index
// of the controller or -1].
func ownerRequests(s *source) (any, func() []any) {
	mapper := meta.NewDefaultRESTMapper(nil)
	for _, gvk := range ownerKinds {
		scope := meta.RESTScopeNamespace
		if gvk.Kind == "Node" {
			scope = meta.RESTScopeRoot
		}
		// A server serves these versions of each. References name apps/v9 and the like too, which it does not.
		for _, version := range []string{"v1", "v1beta1", "v2"} {
			mapper.Add(schema.GroupVersionKind{Group: gvk.Group, Version: version, Kind: gvk.Kind}, scope)
		}
	}
	scheme := runtime.NewScheme()
	var controllers, everyOne []handler.EventHandler
	for _, gvk := range ownerKinds {
		owner := &unstructured.Unstructured{}
		owner.SetGroupVersionKind(gvk)
		controllers = append(controllers, handler.EnqueueRequestForOwner(scheme, mapper, owner, handler.OnlyControllerOwner()))
		everyOne = append(everyOne, handler.EnqueueRequestForOwner(scheme, mapper, owner))
	}
	return map[string]any{"kinds": ownerKinds}, func() []any {
		object := s.owned()
		return []any{
			object.GetNamespace(), short(object.GetOwnerReferences(), nil), requests(controllers, object), requests(everyOne, object),
			controllerIndex(object),
		}
	}
}

func requests(handlers []handler.EventHandler, object *unstructured.Unstructured) [][]string {
	all := [][]string{}
	for _, each := range handlers {
		queue := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
		each.Create(context.Background(), event.CreateEvent{Object: object}, queue)
		texts := []string{}
		for queue.Len() > 0 {
			request, _ := queue.Get()
			texts = append(texts, request.Namespace+" "+request.Name)
			queue.Done(request)
		}
		queue.ShutDown()
		sort.Strings(texts)
		all = append(all, texts)
	}
	return all
}

func controllerIndex(object *unstructured.Unstructured) int {
	controller := metav1.GetControllerOf(object)
	if controller == nil {
		return -1
	}
	for index, each := range object.GetOwnerReferences() {
		if each.Controller != nil && *each.Controller {
			return index
		}
	}
	panic("the controller is none of the references")
}

// ownerReferences are cases of [operation, owner, namespace, references, outcome], where an owner is [apiVersion, kind,
// namespace, name, uid] and an outcome is the references afterwards, or true or false, or the kind of the error as a text.
func ownerReferences(s *source) (any, func() []any) {
	scheme := runtime.NewScheme()
	return map[string]any{}, func() []any {
		owner := &unstructured.Unstructured{Object: map[string]any{}}
		owner.SetAPIVersion(s.apiVersion())
		owner.SetKind(pick(s, kinds))
		owner.SetName(s.ownerName())
		owner.SetUID(pick(s, uids))
		owner.SetNamespace(pick(s, []string{"x", "x", "x", "y", ""}))
		object := s.owned()
		before := object.GetOwnerReferences()
		if len(before) > 0 && s.in(2) {
			known := pick(s, before)
			owner.SetKind(known.Kind)
			owner.SetName(known.Name)
			if s.in(2) {
				owner.SetAPIVersion(known.APIVersion)
			}
		}
		operation := pick(s, []string{
			"setController", "setController", "set", "setBlocking", "remove", "has", "hasController",
		})
		facts := []any{owner.GetAPIVersion(), owner.GetKind(), owner.GetNamespace(), owner.GetName(), owner.GetUID()}
		return []any{operation, facts, object.GetNamespace(), short(before, nil), apply(operation, owner, object, scheme)}
	}
}

func apply(operation string, owner, object *unstructured.Unstructured, scheme *runtime.Scheme) any {
	before := object.GetOwnerReferences()
	var err error
	switch operation {
	case "setController":
		err = controllerutil.SetControllerReference(owner, object, scheme)
	case "set":
		err = controllerutil.SetOwnerReference(owner, object, scheme)
	case "setBlocking":
		err = controllerutil.SetOwnerReference(owner, object, scheme, controllerutil.WithBlockOwnerDeletion(true))
	case "remove":
		err = controllerutil.RemoveOwnerReference(owner, object, scheme)
	case "has":
		has, err := controllerutil.HasOwnerReference(object.GetOwnerReferences(), owner, scheme)
		if err != nil {
			return "error"
		}
		return has
	case "hasController":
		return controllerutil.HasControllerReference(object)
	}
	if owned := (*controllerutil.AlreadyOwnedError)(nil); errors.As(err, &owned) {
		return "owned"
	}
	if err != nil {
		return "error"
	}
	return short(object.GetOwnerReferences(), before)
}
