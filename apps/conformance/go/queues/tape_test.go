package queues

import (
	"math/rand/v2"
	"strconv"
	"strings"
	"time"
)

// tape is the recording of one sequence: a line that begins with "=", and then a line for each operation, with the
// answers behind "> ".
type tape struct {
	text strings.Builder
}

func (t *tape) head(kind string, seed uint64, spec string) {
	t.text.WriteString("= " + kind + " " + strconv.FormatUint(seed, 10) + " " + spec + "\n")
}

func (t *tape) line(operation string, answers ...string) {
	t.text.WriteString(operation)
	if len(answers) > 0 {
		t.text.WriteString(" > " + strings.Join(answers, " "))
	}
	t.text.WriteString("\n")
}

// random is the same on every machine and with every Go: PCG is specified.
func random(seed uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, 0x6b756265))
}

func oneOf[T any](rng *rand.Rand, values ...T) T {
	return values[rng.IntN(len(values))]
}

// between is a duration of whole hundredths of a millisecond.
func between(rng *rand.Rand, least, most time.Duration) time.Duration {
	const grain = 10 * time.Microsecond
	return least + time.Duration(rng.Int64N(int64((most-least)/grain)+1))*grain
}

// inMs is a duration in milliseconds, exactly.
func inMs(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/1e6, 'f', -1, 64)
}

func inNs(d time.Duration) string {
	return strconv.FormatInt(int64(d), 10)
}

func bit(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func float(f float64) string {
	return strconv.FormatFloat(f, 'g', -1, 64)
}

// choice is something to do next, with how likely it is.
type choice struct {
	weight int
	do     func()
}

func chooseAndDo(rng *rand.Rand, choices []choice) {
	total := 0
	for _, c := range choices {
		total += c.weight
	}
	n := rng.IntN(total)
	for _, c := range choices {
		if n < c.weight {
			c.do()
			return
		}
		n -= c.weight
	}
}
