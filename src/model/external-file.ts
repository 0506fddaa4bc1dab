import { constants, openSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, sep } from 'node:path'
import { ProvemarkError } from '../errors.ts'
import { printableName } from '../lib/printable.ts'

/**
 * Opens a file that contains values of a model.
 * @param path of the model
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function openExternal(location: string, path: string): number {
  const target = locateExternal(location, path)
  try {
    return openSync(target, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

/**
 * Real path of a file that contains values of a model. An untrusted model must not read files elsewhere: absolute
 * paths, `..` and links that lead out of the folder are refused. If the model itself is a link, as in the cache of
 * Hugging Face, its data may be links into the real folder of the model, as in ONNX Runtime.
 * @param path of the model
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function locateExternal(location: string, path: string): string {
  if (isAbsolute(location) || location.split(/[\\/]/).includes('..') || location.includes('\0')) {
    throw refuseExternal(
      `${path}: external data at ${JSON.stringify(printableName(location))} lies outside of the model's folder`,
    )
  }
  try {
    const target = realpathSync(join(dirname(path), location))
    const folders = [realpathSync(dirname(path)), dirname(realpathSync(path))]
    if (!folders.some((folder) => isInside(target, folder))) {
      throw refuseExternal(
        `${path}: external data at ${printableName(location)} is a link out of the model's folder`,
        {
          hint: `copy the folder with what its links lead to, and take the model in the copy: cp -rL ${dirname(path)} COPY`,
        },
      )
    }
    return target
  } catch (cause) {
    if (cause instanceof ProvemarkError) throw cause
    throw unreadable(path, cause)
  }
}

function unreadable(path: string, cause: unknown): ProvemarkError {
  return refuseExternal(`${path}: external data cannot be read: ${printableName((cause as Error).message)}`, {
    cause,
  })
}

function isInside(target: string, folder: string): boolean {
  const path = relative(folder, target)
  return !isAbsolute(path) && path !== '..' && !path.startsWith(`..${sep}`)
}

export function refuseExternal(
  message: string,
  options: { hint?: string; cause?: unknown } = {},
): ProvemarkError {
  const hint = "put the model's data files into its own folder, as they were exported"
  return new ProvemarkError('MODEL_UNREADABLE', message, { hint, ...options })
}
