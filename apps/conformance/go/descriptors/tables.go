package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// special are the types whose JSON is not made of their fields.
var special = map[reflect.Type]string{
	reflect.TypeFor[resource.Quantity]():    "quantity",
	reflect.TypeFor[metav1.Time]():          "time",
	reflect.TypeFor[metav1.MicroTime]():     "microTime",
	reflect.TypeFor[intstr.IntOrString]():   "intOrString",
	reflect.TypeFor[runtime.RawExtension](): "raw",
	reflect.TypeFor[metav1.FieldsV1]():      "raw",
}

type tables struct {
	// messages are the fields of each type, in the form of kinds.json.
	messages map[string]string
	names    map[reflect.Type]string
}

func newTables() *tables {
	return &tables{messages: map[string]string{}, names: map[reflect.Type]string{}}
}

// message describes a type and those below it, once, and returns its name.
func (t *tables) message(of reflect.Type) string {
	if name, ok := t.names[of]; ok {
		return name
	}
	name := typeName(of)
	if _, isTaken := t.messages[name]; isTaken {
		panic("two types are called " + name)
	}
	t.names[of] = name
	t.messages[name] = ""
	if of.Kind() == reflect.Slice {
		// A list with a name is a message with one field, and JSON shows the field alone.
		kind, _ := t.describe(of.Elem(), "")
		t.messages[name] = "1 = " + kind + " list"
		return name
	}
	if _, isOwn := reflect.PointerTo(of).MethodByName("MarshalJSON"); isOwn {
		panic(name + " has a JSON of its own")
	}
	var fields []string
	for i := range of.NumField() {
		if field := t.field(of.Field(i)); field != "" {
			fields = append(fields, field)
		}
	}
	t.messages[name] = strings.Join(fields, ";")
	return name
}

func (t *tables) field(f reflect.StructField) string {
	protobuf, _, _ := strings.Cut(f.Tag.Get("protobuf"), ",")
	if protobuf == "" || protobuf == "-" {
		if f.Type != reflect.TypeFor[metav1.TypeMeta]() {
			panic("not in protobuf: " + f.Name)
		}
		return ""
	}
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	if name == "-" || strings.Contains(options, "string") {
		panic("unknown in JSON: " + f.Name)
	}
	kind, shape := t.describe(f.Type, protobuf)
	if strings.Contains(options, "inline") || (f.Anonymous && name == "") {
		if f.Type.Kind() == reflect.Pointer {
			panic("inline pointer: " + f.Name)
		}
		return fmt.Sprintf("%d + %s", number(f), kind)
	}
	return fmt.Sprintf("%d %s %s%s%s", number(f), name, kind, map[string]string{"one": "", "list": " list", "map": " map"}[shape], presence(f, options))
}

// presence says when the field is in JSON: nothing when it is not empty, keep when it always is, pointer when it is
// on the wire, nullable when it always is and null when it is not on the wire, nonzero when something in it is set.
func presence(f reflect.StructField, options string) string {
	isPointer := f.Type.Kind() == reflect.Pointer
	omitsZero := strings.Contains(options, "omitzero")
	isOmitted := omitsZero || strings.Contains(options, "omitempty")
	switch {
	case isPointer && isOmitted:
		return " pointer"
	case isPointer:
		return " nullable"
	case f.Type.Kind() == reflect.Struct && omitsZero:
		return " nonzero"
	// encoding/json takes no struct for empty.
	case f.Type.Kind() == reflect.Struct || !isOmitted:
		return " keep"
	case omitsZero && !strings.Contains(options, "omitempty") && (f.Type.Kind() == reflect.Slice || f.Type.Kind() == reflect.Map):
		panic("an empty list that is shown: " + f.Name)
	}
	return ""
}

// describe returns the name of a type and whether there are one, a list or a map of it.
func (t *tables) describe(of reflect.Type, wire string) (string, string) {
	if name, ok := special[of]; ok {
		return name, "one"
	}
	if of == reflect.TypeFor[metav1.Duration]() {
		panic("the client reads no durations yet")
	}
	if strings.HasPrefix(wire, "zigzag") {
		panic("zigzag")
	}
	switch of.Kind() {
	case reflect.Pointer:
		return t.describe(of.Elem(), wire)
	case reflect.String:
		return "string", "one"
	case reflect.Bool:
		return "bool", "one"
	case reflect.Int32, reflect.Int64:
		return "int", "one"
	case reflect.Struct:
		return t.message(of), "one"
	case reflect.Slice:
		if of.Elem().Kind() == reflect.Uint8 {
			return "bytes", "one"
		}
		if of.Name() != "" && isProto(of) {
			return t.message(of), "one"
		}
		return t.single(of.Elem()), "list"
	case reflect.Map:
		return t.single(of.Elem()), "map"
	}
	panic(fmt.Sprint("the client reads no ", of, " yet"))
}

func (t *tables) single(of reflect.Type) string {
	name, shape := t.describe(of, "")
	if shape != "one" {
		panic(fmt.Sprint("a list or map of ", of))
	}
	return name
}

func number(f reflect.StructField) int {
	parts := strings.Split(f.Tag.Get("protobuf"), ",")
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		panic(err)
	}
	return n
}

func isProto(of reflect.Type) bool {
	_, ok := reflect.PointerTo(of).MethodByName("Unmarshal")
	return ok
}

func typeName(of reflect.Type) string {
	parts := strings.Split(of.PkgPath(), "/")
	return strings.Join(parts[max(0, len(parts)-2):], ".") + "." + of.Name()
}
