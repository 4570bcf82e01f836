package main

import (
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

var labelKeys = []string{
	"a", "b", "app", "example.com/app", "x.y-z/a_b.c", "constructor", "__proto__", "toString", "in", "notin", "A1", "7",
}

var labelValues = []string{
	"a", "b", "", "prod", "A.b_c-d", "1", "2", "-5", "007", "9", "10", "9223372036854775807", "9223372036854775808",
	"-9223372036854775808", "18446744073709551616", "in", "constructor", "__proto__", "true",
}

func (s *source) labelKey() string {
	switch s.IntN(60) {
	case 0:
		return s.long(63, "k")
	case 1:
		return s.long(253, "p.q-") + "/" + pick(s, labelKeys)
	case 2, 3:
		return s.mutate(pick(s, labelKeys))
	case 4:
		return pick(s, []string{"", "/", "a/", "/a", "a/b/c", "A.B/c", "a..b/c", "-a/b", "a-/b", "a.-b/c"})
	}
	return pick(s, labelKeys)
}

func (s *source) labelValue() string {
	switch s.IntN(60) {
	case 0:
		return s.long(63, "v")
	case 1, 2:
		return s.mutate(pick(s, labelValues))
	}
	return pick(s, labelValues)
}

// labelSets makes sets to match selectors with, valid or not: a cache holds what it is given.
func (s *source) labelSets() []labels.Set {
	sets := []labels.Set{nil, {}}
	for len(sets) < 32 {
		set := labels.Set{}
		for range 1 + s.IntN(5) {
			set[pick(s, labelKeys)] = pick(s, labelValues)
		}
		sets = append(sets, set)
	}
	sets[31] = labels.Set{"a": "+3", "b": " 1", "app": "1_0", "A1": "１", "7": "0x7"}
	return sets
}

// matches writes one hexadecimal digit for every four sets.
func matches(selector labels.Selector, sets []labels.Set) string {
	bits := uint64(0)
	for index, set := range sets {
		if selector.Matches(set) {
			bits |= 1 << index
		}
	}
	return strconv.FormatUint(bits, 16)
}

// labelSelectors are cases of [text] when it is refused, and else [text, canonical text, matches]. The canonical text is 0
// when it is the text itself.
func labelSelectors(s *source) (any, func() []any) {
	sets := s.labelSets()
	return map[string]any{"sets": sets}, func() []any {
		text := s.labelSelectorText()
		selector, err := labels.Parse(text)
		if err != nil {
			return []any{text}
		}
		return []any{text, unless(selector.String(), text), matches(selector, sets)}
	}
}

func unless(text, known string) any {
	if text == known {
		return 0
	}
	return text
}

func (s *source) labelSelectorText() string {
	if s.in(6) {
		return s.soup(append(labelKeys, labelValues...), 8)
	}
	text := s.space() + strings.Join(list(s, 4, s.labelRequirement), s.space()+","+s.space()) + s.space()
	if s.in(4) {
		return s.mutate(text)
	}
	return text
}

func (s *source) labelRequirement() string {
	key := s.labelKey()
	switch s.IntN(8) {
	case 0:
		return key
	case 1:
		return "!" + s.space() + key
	case 2, 3:
		values := list(s, 4, s.labelValue)
		return key + " " + s.space() + pick(s, []string{"in", "notin"}) + s.space() + "(" + s.space() +
			strings.Join(values, s.space()+","+s.space()) + s.space() + ")"
	}
	return key + s.space() + pick(s, []string{"=", "==", "!=", ">", "<"}) + s.space() + s.labelValue()
}

// labelSelectorObjects are cases of [object] when it is refused, and else [object, text, matches]. An object is null or
// [matchLabels as an object, [key, operator, value…] for each expression].
func labelSelectorObjects(s *source) (any, func() []any) {
	sets := s.labelSets()
	return map[string]any{"sets": sets}, func() []any {
		object := s.labelSelectorObject()
		selector, err := metav1.LabelSelectorAsSelector(object)
		if err != nil {
			return []any{compact(object)}
		}
		return []any{compact(object), selector.String(), matches(selector, sets)}
	}
}

func compact(object *metav1.LabelSelector) any {
	if object == nil {
		return nil
	}
	written := []any{object.MatchLabels}
	for _, each := range object.MatchExpressions {
		written = append(written, append([]string{each.Key, string(each.Operator)}, each.Values...))
	}
	return written
}

func (s *source) labelSelectorObject() *metav1.LabelSelector {
	if s.in(100) {
		return nil
	}
	object := &metav1.LabelSelector{}
	for range s.IntN(3) {
		if object.MatchLabels == nil {
			object.MatchLabels = map[string]string{}
		}
		object.MatchLabels[s.labelKey()] = s.labelValue()
	}
	object.MatchExpressions = list(s, 4, func() metav1.LabelSelectorRequirement {
		operator := pick(s, []string{"In", "NotIn", "Exists", "DoesNotExist"})
		if s.in(30) {
			operator = pick(s, []string{"", "in", "IN", "=", "==", "!", "Gt", "Lt", "exists", "notin", "constructor", "In "})
		}
		most := 4
		if (operator == "Exists" || operator == "DoesNotExist") && !s.in(10) {
			most = 1
		} else if !s.in(10) {
			return metav1.LabelSelectorRequirement{
				Key: s.labelKey(), Operator: metav1.LabelSelectorOperator(operator),
				Values: append(list(s, most, s.labelValue), s.labelValue()),
			}
		}
		return metav1.LabelSelectorRequirement{
			Key: s.labelKey(), Operator: metav1.LabelSelectorOperator(operator), Values: list(s, most, s.labelValue),
		}
	})
	return object
}
