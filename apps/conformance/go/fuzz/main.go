// Command fuzz makes hostile input and writes down what apimachinery, client-go and controller-runtime make of it.
//
// Each topic becomes one file of JSON values, one per line: first a header, then the cases, each an array. The same seed
// always gives the same bytes.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/go-logr/logr"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"
)

// topic is one file. Its function returns the rest of the header, and what makes the next case.
type topic struct {
	name  string
	cases int
	start func(random *source) (header any, next func() []any)
}

var topics = []topic{
	{"label-selectors", 4000, labelSelectors},
	{"label-selector-objects", 2500, labelSelectorObjects},
	{"field-selectors", 3500, fieldSelectors},
	{"keys", 2500, keys},
	{"owner-requests", 2500, ownerRequests},
	{"owner-references", 2500, ownerReferences},
	{"resource-versions", 3000, resourceVersions},
}

func main() {
	seed := flag.Uint64("seed", 1, "where the random numbers begin")
	folder := flag.String("out", ".", "folder to write to")
	flag.Parse()
	ctrllog.SetLogger(logr.Discard())

	for index, each := range topics {
		if err := write(filepath.Join(*folder, each.name+".jsonl"), each, *seed, uint64(index)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

func write(path string, each topic, seed, stream uint64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	output := bufio.NewWriter(file)
	if err := writeCases(output, each, seed, stream); err != nil {
		return err
	}
	if err := output.Flush(); err != nil {
		return err
	}
	return file.Close()
}

func writeCases(output io.Writer, each topic, seed, stream uint64) error {
	lines := json.NewEncoder(output)
	lines.SetEscapeHTML(false)
	header, next := each.start(&source{rand.New(rand.NewPCG(seed, stream))})
	if err := lines.Encode(header); err != nil {
		return err
	}
	for range each.cases {
		if err := lines.Encode(next()); err != nil {
			return err
		}
	}
	return nil
}
