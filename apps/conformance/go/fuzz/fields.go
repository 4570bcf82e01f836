package main

import (
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/fields"
)

var fieldNames = []string{
	"metadata.name", "metadata.namespace", "spec.nodeName", "status.phase", "a", "constructor", "__proto__", "toString", "é",
}

var fieldValues = []string{
	"a", "", "Running", "web-1", `a\b`, "a,b", "a=b", "x y", " a", "日本", "😀", "\uffff", "true", "1", "constructor", `\`, `,=\`,
}

func (s *source) fieldName() string {
	if s.in(30) {
		return s.mutate(pick(s, fieldNames))
	}
	return pick(s, fieldNames)
}

func (s *source) fieldValue() string {
	switch s.IntN(40) {
	case 0:
		return s.long(253, "v")
	case 1, 2:
		return s.mutate(pick(s, fieldValues))
	}
	return pick(s, fieldValues)
}

// fieldSelectors are cases of [text] when it is refused, and else [text, canonical text, matches], and of
// ["", value, escaped value] for every 16th.
func fieldSelectors(s *source) (any, func() []any) {
	sets := []fields.Set{nil, {}}
	for len(sets) < 32 {
		set := fields.Set{}
		for range 1 + s.IntN(5) {
			set[pick(s, fieldNames)] = pick(s, fieldValues)
		}
		sets = append(sets, set)
	}
	return map[string]any{"sets": sets}, func() []any {
		if s.in(16) {
			value := s.soup(fieldValues, 4)
			return []any{"", value, fields.EscapeValue(value)}
		}
		text := s.fieldSelectorText()
		selector, err := fields.ParseSelector(text)
		if err != nil {
			return []any{text}
		}
		bits := uint64(0)
		for index, set := range sets {
			if selector.Matches(set) {
				bits |= 1 << index
			}
		}
		return []any{text, unless(selector.String(), text), strconv.FormatUint(bits, 16)}
	}
}

func (s *source) fieldSelectorText() string {
	if s.in(8) {
		return s.soup(append(fieldNames, fieldValues...), 8)
	}
	text := strings.Join(list(s, 4, func() string {
		value := s.fieldValue()
		if !s.in(8) {
			value = fields.EscapeValue(value)
		}
		return s.fieldName() + pick(s, []string{"=", "==", "!="}) + value
	}), ",")
	if s.in(4) {
		return s.mutate(text)
	}
	return text
}
