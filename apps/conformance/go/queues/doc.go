// Package queues records what client-go's work queues and rate limiters, the token bucket of golang.org/x/time/rate and
// controller-runtime's priority queue answer to random sequences of operations, on virtual time. It is a test package
// because the bubbles of testing/synctest, which virtual time comes from, need a test.
package queues
