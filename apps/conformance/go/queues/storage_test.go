package queues

import "slices"

// last hands out what was added last; what is added again becomes the last one.
type last struct {
	items []string
}

func (s *last) Touch(item string) {
	s.items = append(slices.DeleteFunc(s.items, func(other string) bool { return other == item }), item)
}

func (s *last) Push(item string) { s.items = append(s.items, item) }

func (s *last) Len() int { return len(s.items) }

func (s *last) Pop() string {
	item := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return item
}
