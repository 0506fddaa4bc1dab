import type { Refusal } from './process.ts'

const LONGEST_REASON = 300

/** One line of what onnxruntime said, without its own source paths. */
export function explainRefusal({ error, crashed }: Refusal, memoryMb: number): string {
  if (/bad_alloc|out of memory|memory allocation|array buffer allocation/i.test(error))
    return `onnxruntime needs more than the ${memoryMb} MB that it may take`
  const reason = error
    .replace(/^[\s\S]*ERROR_MESSAGE: /, '')
    .replace(/^[\s\S]*\[ONNXRuntimeError\] : \d+ : \w+ : /, '')
    // Names from the model must not steer the terminal.
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replace(/^\S+\.(?:cc|h):\d+ .*?\) /, '')
    .trim()
  const short = reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason
  return `onnxruntime ${crashed ? 'crashed' : 'refuses the model'}: ${short}`
}
