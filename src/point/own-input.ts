import { copyFile, writeFile } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { readHeaders } from '../model/file.ts'
import { isNumeric } from '../model/element-type.ts'
import { formatInput, readInput } from '../model/input.ts'
import { fixInputs } from '../model/ports.ts'
import type { Files, Prover, Settings } from '../prover/contract.ts'

/**
 * Puts the input into the iteration's folder, in the form that the prover reads, so that every prover gets the same
 * values, whatever the form of the user's file; some write beside it, and the user's folder stays as it is. Returns
 * its path.
 * @throws ProvemarkError INPUT_INVALID
 */
export async function placeOwnInput(
  { input: format }: Prover,
  { model = '', input = '' }: Files,
  settings: Settings,
  dir: string,
): Promise<string> {
  const ports = fixInputs(readHeaders(model).model, model)
  if (!format && !ports.every(({ type }) => isNumeric(type))) {
    const copy = join(dir, basename(input))
    await copyFile(input, copy)
    return copy
  }
  const values = readInput(input, ports)
  const path = join(dir, format?.file ?? `${basename(input, extname(input))}.json`)
  await writeFile(path, format ? format.encode(values, settings) : formatInput(values))
  return path
}
