package main

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var groupVersion = schema.GroupVersion{Group: "bench.kubeloop.test", Version: "v1"}

// Gadget is the custom resource of ../../../src/reconciles/gadgets.ts.
type Gadget struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              GadgetSpec   `json:"spec,omitempty"`
	Status            GadgetStatus `json:"status,omitempty"`
}

// GadgetSpec is what somebody wants.
type GadgetSpec struct {
	Image    string            `json:"image"`
	Replicas int32             `json:"replicas"`
	Settings map[string]string `json:"settings,omitempty"`
	SentAtUs int64             `json:"sentAtUs,omitempty"`
}

// GadgetStatus is what the controller has found.
type GadgetStatus struct {
	ObservedGeneration int64  `json:"observedGeneration,omitempty"`
	Round              int64  `json:"round,omitempty"`
	Phase              string `json:"phase,omitempty"`
}

// GadgetList is a list of them.
type GadgetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Gadget `json:"items"`
}

// DeepCopyInto does what deepcopy-gen would write.
func (in *Gadget) DeepCopyInto(out *Gadget) {
	*out = *in
	in.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	if in.Spec.Settings != nil {
		out.Spec.Settings = make(map[string]string, len(in.Spec.Settings))
		for key, value := range in.Spec.Settings {
			out.Spec.Settings[key] = value
		}
	}
}

// DeepCopy copies a Gadget.
func (in *Gadget) DeepCopy() *Gadget {
	out := new(Gadget)
	in.DeepCopyInto(out)
	return out
}

// DeepCopyObject copies a Gadget.
func (in *Gadget) DeepCopyObject() runtime.Object { return in.DeepCopy() }

// DeepCopyObject copies a list.
func (in *GadgetList) DeepCopyObject() runtime.Object {
	out := new(GadgetList)
	*out = *in
	in.ListMeta.DeepCopyInto(&out.ListMeta)
	out.Items = make([]Gadget, len(in.Items))
	for i := range in.Items {
		in.Items[i].DeepCopyInto(&out.Items[i])
	}
	return out
}

func addToScheme(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(groupVersion, &Gadget{}, &GadgetList{})
	metav1.AddToGroupVersion(scheme, groupVersion)
	return nil
}
