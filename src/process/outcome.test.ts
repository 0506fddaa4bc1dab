import { expect, test } from 'vitest'
import { findFailedAllocation } from './outcome.ts'

const GO_STACK = `\n\nruntime stack:\nruntime.throw({0x4b4f4b?, 0x0?})\n\t/usr/local/go/src/runtime/panic.go:1101 +0x48\n${'goroutine 1 [running]:\nmain.main()\n\t/x/main.go:5 +0x1d\n'.repeat(20)}exit status 2\n`

test.each([
  [
    'Go',
    `runtime: out of memory: cannot allocate 8388608-byte block (66781184 in use)\nfatal error: out of memory${GO_STACK}`,
  ],
  ['Go', `fatal error: runtime: out of memory${GO_STACK}`],
  ['Go', `fatal error: runtime: cannot allocate memory${GO_STACK}`],
  ['Go and ENOMEM', 'panic: mmap: cannot allocate memory\n'],
  ['Rust', 'proving\nmemory allocation of 34359738368 bytes failed\nAborted (core dumped)\n'],
  [
    'Rust behind Python',
    `memory allocation of 12 bytes failed\nTraceback (most recent call last):\n  File "x.py"\nRuntimeError: exit code -6\n`,
  ],
  ['Rust and ENOMEM', 'Error: Cannot allocate memory (os error 12)\n'],
  [
    'C++',
    "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc\nAborted\n",
  ],
  ['C++ that caught it', 'error: std::bad_alloc\n'],
  ['Python', 'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\nMemoryError\n'],
  [
    'numpy',
    'Traceback:\nnumpy.core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array\n',
  ],
  [
    'numpy 2',
    'Traceback:\nnumpy._core._exceptions._ArrayMemoryError: Unable to allocate 7.28 TiB for an array\n',
  ],
  [
    'Node',
    '\n<--- Last few GCs --->\n\nFATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n----- Native stack trace -----\n\n 1: 0xb7 node::OOM\n',
  ],
  [
    'JavaScript',
    'RangeError: Array buffer allocation failed\n    at new ArrayBuffer (<anonymous>)\n\nNode.js v24.1.0\n',
  ],
  ['WebAssembly', 'RangeError: WebAssembly.Memory(): could not allocate memory\n    at x.js:1\n'],
  ['WebAssembly', 'RangeError: WebAssembly.Memory.grow(): Maximum memory size exceeded\n    at x.js:1\n'],
  [
    'WebAssembly',
    'RangeError: WebAssembly.instantiate(): Out of memory: Cannot allocate Wasm memory for new instance\n',
  ],
  ['Java', 'Exception in thread "main" java.lang.OutOfMemoryError: Java heap space\n\tat X.main(X.java:3)\n'],
])('%s: a failed allocation', (_, output) => {
  expect(findFailedAllocation(output)).toBeDefined()
})

test.each([
  '',
  'warning: memory allocation of 12 bytes failed, trying less\nError: bad witness\n',
  'memory allocation of 12 bytes failed; falling back\nError: bad witness\n',
  'Traceback:\nMemoryError\nretrying with less\nTraceback:\nValueError: bad witness\n',
  'caught java.lang.OutOfMemoryError: Java heap space, retry\nerror: bad proof\n',
  'java.lang.OutOfMemoryError: Java heap space\n\tat X.main\nretrying\nException in thread "main" java.lang.IllegalStateException\n',
  'RangeError: Array buffer allocation failed\n    at x\nusing a file instead\nError: no space left\n',
  'out of memory budget: 5 gates\nassertion failed\n',
  'note: fatal error: out of memory is handled\nfailed\n',
  'cannot allocate memory for a table, using disk\nError: no disk\n',
  'RangeError: Invalid typed array length: -1\n',
  'peak memory 12 MB\nMemoryErrorRate: 5\n',
])('%j is none', (output) => {
  expect(findFailedAllocation(output)).toBeUndefined()
})
