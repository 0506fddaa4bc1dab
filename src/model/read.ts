import { loadExternal } from './external.ts'
import { readModelBytes } from './file.ts'
import { decodeModel, type OnnxModel } from './onnx.ts'

/**
 * Reads an ONNX file with its external data, which has to lie in the file's folder or below.
 * @throws ProvemarkError MODEL_UNREADABLE, MODEL_UNSUPPORTED
 */
export function readModel(path: string): OnnxModel {
  const model = decodeModel(readModelBytes(path), path)
  loadExternal(model, path)
  return model
}
