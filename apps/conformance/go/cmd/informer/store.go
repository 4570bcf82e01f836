package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/cache"
)

// stored is one object of the cache.
type stored struct {
	Key    string   `json:"key"`
	Object identity `json:"object"`
	// Hash is that of the object's JSON, with sorted keys and without white space.
	Hash string `json:"hash"`
}

func contents(store cache.Store) ([]stored, error) {
	all := []stored{}
	for _, key := range store.ListKeys() {
		if key == "default/"+endName {
			continue
		}
		obj, _, err := store.GetByKey(key)
		if err != nil {
			return nil, err
		}
		hash, err := hashOf(obj.(*unstructured.Unstructured))
		if err != nil {
			return nil, err
		}
		all = append(all, stored{Key: key, Object: identityOf(obj), Hash: hash})
	}
	return all, nil
}

func hashOf(obj *unstructured.Unstructured) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	// The keys of maps come sorted.
	if err := encoder.Encode(obj.Object); err != nil {
		return "", err
	}
	sum := sha256.Sum256(bytes.TrimRight(text.Bytes(), "\n"))
	return hex.EncodeToString(sum[:])[:12], nil
}
