package queues

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/synctest"
)

// family is a file of recordings: sequences of some kinds.
type family struct {
	file  string
	kinds []kind
}

// kind is what is recorded, how often, and by which function. The function returns false for a sequence that is of no use.
type kind struct {
	name   string
	count  int
	record func(t *testing.T, kind string, seed uint64, out *tape) bool
}

var families = []family{
	{"work-queue.txt", []kind{{"work-queue", 700, workQueueSequence}, {"stray-done", 40, workQueueSequence}, {"many-drains", 60, workQueueSequence}}},
	{"delaying.txt", []kind{{"delaying", 600, workQueueSequence}, {"ties", 120, workQueueSequence}}},
	{"rate-limiting.txt", []kind{{"rate-limiting", 700, workQueueSequence}}},
	{"limiters.txt", []kind{{"limiter", 600, limiterSequence}}},
	{"token-bucket.txt", []kind{{"token-bucket", 700, bucketSequence}, {"token-bucket-twice", 60, bucketSequence}}},
	{"item-backoff.txt", []kind{{"item-backoff", 350, backoffSequence}}},
	{"priority.txt", []kind{{"priority", 800, prioritySequence}, {"priority-at-once", 80, prioritySequence}, {"priority-shutdown", 30, prioritySequence}}},
}

// TestRecord writes the recordings into the folder KUBELOOP_RECORD_DIR. The sequences follow from the number
// KUBELOOP_RECORD_SEED alone; without it, it is 1.
func TestRecord(t *testing.T) {
	folder := os.Getenv("KUBELOOP_RECORD_DIR")
	if folder == "" {
		t.Skip("KUBELOOP_RECORD_DIR is not set")
	}
	first := uint64(1)
	if text := os.Getenv("KUBELOOP_RECORD_SEED"); text != "" {
		parsed, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			t.Fatalf("KUBELOOP_RECORD_SEED: %v", err)
		}
		first = parsed
	}
	for _, f := range families {
		file, err := os.Create(filepath.Join(folder, f.file))
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range f.kinds {
			seed := first * 1_000_000
			for range k.count {
				var text string
				text, seed = recordOne(t, k, seed)
				if _, err := file.WriteString(text); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// recordOne records the first sequence from seed on that is of use, and returns the seed after it.
func recordOne(t *testing.T, k kind, seed uint64) (string, uint64) {
	for {
		out := &tape{}
		useful := false
		synctest.Test(t, func(t *testing.T) { useful = k.record(t, k.name, seed, out) })
		seed++
		if useful {
			return out.text.String(), seed
		}
	}
}
