// Package fault has the one kind of error that users see: a stable code and one line that says what is wrong, where,
// what was expected and what was given.
package fault

import (
	"errors"
	"fmt"
)

// Codes are stable: callers match on them. All of them end the process with exit code 2.
const (
	Usage               = "USAGE"
	ModelUnreadable     = "MODEL_UNREADABLE"
	ModelTooLarge       = "MODEL_TOO_LARGE"
	UnsupportedOperator = "UNSUPPORTED_OPERATOR"
	UnsupportedGraph    = "UNSUPPORTED_GRAPH"
	UnsupportedValue    = "UNSUPPORTED_VALUE"
	ShapeMismatch       = "SHAPE_MISMATCH"
	BoundOverflow       = "BOUND_OVERFLOW"
	InputUnreadable     = "INPUT_UNREADABLE"
	InputShape          = "INPUT_SHAPE"
	InputOutOfRange     = "INPUT_OUT_OF_RANGE"
	ValueOutOfRange     = "VALUE_OUT_OF_RANGE"
	NoValidWitness      = "NO_VALID_WITNESS"
	FileUnreadable      = "FILE_UNREADABLE"
	FileUnwritable      = "FILE_UNWRITABLE"
	FilesMismatch       = "FILES_MISMATCH"
	ProveFailed         = "PROVE_FAILED"
	Internal            = "INTERNAL"
)

// Fault is an error with a code.
type Fault struct {
	Code    string
	Message string
}

func (f *Fault) Error() string { return f.Code + ": " + f.Message }

// New makes a Fault; the message should read 'what, where, expected, given'.
func New(code, format string, args ...any) error {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Code is the code of the first Fault in err's chain, or Internal if there is none.
func Code(err error) string {
	var f *Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return Internal
}
