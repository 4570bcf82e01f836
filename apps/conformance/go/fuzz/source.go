package main

import (
	"math/rand/v2"
	"strings"
)

// source makes random input.
type source struct{ *rand.Rand }

// in says yes in one of n cases.
func (s *source) in(n int) bool { return s.IntN(n) == 0 }

func pick[T any](s *source, from []T) T { return from[s.IntN(len(from))] }

// list makes up to most-1 things.
func list[T any](s *source, most int, make func() T) []T {
	things := []T{}
	for range s.IntN(most) {
		things = append(things, make())
	}
	return things
}

// nasty are the pieces that parsers stumble over.
var nasty = []string{
	"!", "=", "==", "!=", "===", "=!", ",", ",,", "(", ")", "()", "(,)", "<", ">", ">=", "<>", "/", "//", ".", "..", "-", "_",
	" ", "  ", "\t", "\n", "\r", "\v", "\f", "\u00a0", "\u2028", "\ufeff", "\u3000", "\u0085", "\x00", "\x7f", "\"", "'", "`",
	"\\", "\\\\", "\\=", "\\,", "\\n", "%", "%2C", "+", "&", "#", "?", "*", "$", "{", "}", "[", "]", ";", ":", "|", "@", "^", "~",
	"é", "e\u0301", "ß", "İ", "ı", "K", "ａ", "٣", "日本", "😀", "\U0001d7d8", "\uffff", "\ue000", "\u200b", "\u202e",
	"in", "notin", "exists", "In", "IN", "nil", "null", "undefined", "NaN", "0", "00", "-0", "1e3", "0x1", "1_0",
}

// mutate puts nasty pieces into a text, cuts and repeats parts of it.
func (s *source) mutate(text string) string {
	for range 1 + s.IntN(3) {
		runes := []rune(text)
		at := s.IntN(len(runes) + 1)
		head, tail := string(runes[:at]), runes[at:]
		switch s.IntN(4) {
		case 0:
			text = head + string(tail[min(len(tail), 1+s.IntN(3)):])
		case 1:
			text = head + string(tail[:min(len(tail), 3)]) + string(tail)
		default:
			text = head + pick(s, nasty) + string(tail)
		}
	}
	return text
}

// soup makes a text of nasty pieces and words.
func (s *source) soup(words []string, most int) string {
	return strings.Join(list(s, most, func() string {
		if s.in(2) {
			return pick(s, words)
		}
		return pick(s, nasty)
	}), "")
}

// long repeats a part up to about a length, with an end of its own.
func (s *source) long(length int, part string) string {
	length += s.IntN(3) - 1
	return (strings.Repeat(part, length) + "")[:length-1] + pick(s, []string{"a", "Z", "9", "-", ".", "_"})
}

// space is white space between two tokens, mostly none.
func (s *source) space() string {
	if s.in(4) {
		return pick(s, []string{" ", "  ", "\t", "\n", "\r\n"})
	}
	return ""
}
