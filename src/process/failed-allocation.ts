/** Last words of runtimes that abort when an allocation fails; only their stack follows. */
const FATAL: readonly RegExp[] = [
  // Go
  /^fatal error: (?:runtime: )?(?:out of memory|cannot allocate memory)(?: \(.*\))?$/,
  /^runtime: (?:out of memory|cannot allocate memory)(?:: cannot allocate \d+-byte block \(\d+ in use\))?$/,
  // Rust
  /^memory allocation of \d+ bytes failed$/,
  // C++
  /^terminate called after throwing an instance of '(?:std::)?bad_(?:alloc|array_new_length)'$/,
  /^libc\+\+abi: terminating .*\bstd::bad_alloc\b/,
  // V8
  /^FATAL ERROR: .*(?:JavaScript heap|process) out of memory$/,
  /^# Fatal (?:JavaScript|process) out of memory: /,
  // Java with -XX:+CrashOnOutOfMemoryError or -XX:+ExitOnOutOfMemoryError
  /^(?:Terminating|Aborting) due to java\.lang\.OutOfMemoryError/,
]

/** Errors that a program may survive: they count only if nothing but their stack follows. */
const LAST: readonly RegExp[] = [
  // Python, numpy, PyTorch
  /^(?:[\w.]+\.)?_?(?:Array)?MemoryError(?:: .*)?$/,
  /^RuntimeError: .*DefaultCPUAllocator: (?:can't|not enough) .*memory/,
  /^torch\.(?:cuda\.)?OutOfMemoryError: /,
  // C++
  /^(?:.*: )?std::bad_alloc$/,
  // JavaScript and WebAssembly
  /^(?:Uncaught )?RangeError: Array buffer allocation failed$/,
  /^(?:Uncaught )?(?:RangeError|CompileError|RuntimeError): WebAssembly\.Memory(?:\.grow)?(?:\(\))?: /,
  /^(?:Uncaught )?RangeError: WebAssembly\.\w+\(\): Out of memory/,
  /^Error \[ERR_WORKER_OUT_OF_MEMORY\]: /,
  // Java, .NET, OCaml
  /^(?:Exception in thread .* |Caused by: )?java\.lang\.OutOfMemoryError(?:: .*)?$/,
  /^(?:Unhandled exception\. )?System\.OutOfMemoryException(?:: .*)?$/,
  /^Fatal error: exception Out_of_memory$/,
  // The system's text for ENOMEM
  /^(?:.*: )?[Cc]annot allocate memory(?: \(os error 12\))?$/,
]

/** Stack lines, and what shells and runtimes print after them. */
const STACK =
  /^(?:$|\s|[}\])]|at |#\d+ |\d+: |note: |stack backtrace:|Aborted|Node\.js v\d|\[?Previous line repeated)/

/** Runtimes print their stacks after their last words. */
const LAST_LINES = 400
const LAST_CHARACTERS = 64 * 1024

/**
 * The line in which a failed program reports a failed allocation; undefined if its last lines contain none. Only
 * exact messages count: a log that mentions memory does not say why the program failed.
 * @param output its output, stdout and stderr, without colours
 */
export function findFailedAllocation(output: string): string | undefined {
  const lines = output
    .slice(-LAST_CHARACTERS)
    .split(/[\r\n]+/)
    .slice(-LAST_LINES)
    .map((line) => line.trimEnd())
  const matches = (forms: readonly RegExp[]) => (line: string) => forms.some((form) => form.test(line))
  const fatal = lines.findLast(matches(FATAL))
  if (fatal) return fatal
  const last = lines.findLastIndex((line) => !STACK.test(line))
  const line = lines[last]
  return line !== undefined && matches(LAST)(line) ? line : undefined
}
