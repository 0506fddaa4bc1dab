/**
 * Copies onnxruntime's WebAssembly into the package, which then needs neither the rest of its 139 MB nor its
 * dependencies.
 */
import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WASM_FILE } from '../src/reference/run-model.ts'

export function copyRuntime(): void {
  const folder = join(import.meta.dirname, '../dist/reference')
  mkdirSync(folder, { recursive: true })
  copyFileSync(fileURLToPath(import.meta.resolve(`onnxruntime-web/${WASM_FILE}`)), join(folder, WASM_FILE))
}
