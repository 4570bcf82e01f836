package main

import (
	"iter"

	"kubeloop.test/bench/internal/pods"
)

// view is the pods that a client asks for: of all, or of one namespace, every so many.
type view struct{ first, step, count int }

func (s *state) all() view { return view{0, 1, len(s.pods)} }

// in returns the pods of a namespace; pods take their namespaces in turn.
func (s *state) in(namespace string) view {
	for first := range pods.Namespaces {
		if pods.Namespace(first) == namespace && first < len(s.pods) {
			return view{first, pods.Namespaces, (len(s.pods) - first + pods.Namespaces - 1) / pods.Namespaces}
		}
	}
	return view{-1, 1, 0}
}

// part yields the indices of the pods from the first-th up to the end-th of the view.
func (v view) part(first, end int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := first; i < end; i++ {
			if !yield(v.first + i*v.step) {
				return
			}
		}
	}
}

func (v view) has(index int) bool { return v.count > 0 && (index-v.first)%v.step == 0 }
