import { statSync } from 'node:fs'
import { listExternalFiles } from '../model/external.ts'
import { locateExternal, refuseExternal } from '../model/external-file.ts'
import type { OnnxModel } from '../model/onnx.ts'
import type { ModelRun } from './run-model.ts'

/** WebAssembly could not hold more. */
const MOST_BYTES = 2 ** 31

/**
 * The files beside a model that hold its values: how the model names them, and where they are.
 * @param model headers are enough
 * @param path of the model
 * @throws ProvemarkError MODEL_UNREADABLE
 */
export function listExternal(model: OnnxModel, path: string): ModelRun['external'] {
  let left = MOST_BYTES
  return listExternalFiles(model).map((location) => {
    const target = locateExternal(location, path)
    const stats = statSync(target)
    if (!stats.isFile()) throw refuseExternal(`${path}: ${location} is no regular file`)
    left -= stats.size
    if (left < 0) throw refuseExternal(`${path}: more than ${MOST_BYTES} bytes of external data`)
    return { location, path: target }
  })
}
