import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSource } from '../lib/module-url.ts'
import { packageRoot } from '../lib/package-root.ts'

export const WASM_FILE = 'ort-wasm-simd-threaded.wasm'

/**
 * The WebAssembly build of onnxruntime. The package contains a copy of the one file that is needed: onnxruntime-web
 * has 139 MB, and a dependency with an install script.
 */
export function locateWasm(): string {
  return isSource
    ? fileURLToPath(import.meta.resolve(`onnxruntime-web/${WASM_FILE}`))
    : join(packageRoot(), 'dist/reference', WASM_FILE)
}
