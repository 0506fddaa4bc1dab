import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { ProvemarkError } from '../errors.ts'

/**
 * Looks whether rows can be appended to a file, or it and its folders can be made, without making anything: the first
 * compile of a sweep may take an hour before its row is written.
 * @throws ProvemarkError FILE_UNWRITABLE
 */
export function checkAppendable(path: string): void {
  let place = path
  try {
    while (!statSync(place, { throwIfNoEntry: false })) place = dirname(place)
    if (place !== path && !statSync(place).isDirectory()) throw new Error(`${place} is no folder`)
    if (place === path && statSync(place).isDirectory()) throw new Error('it is a folder')
    accessSync(place, constants.W_OK)
  } catch (cause) {
    throw new ProvemarkError(
      'FILE_UNWRITABLE',
      `cannot append a row to ${path}: ${(cause as Error).message}`,
      { cause, hint: 'name another file with --results' },
    )
  }
}
