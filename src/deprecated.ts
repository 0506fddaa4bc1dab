/** Names exported by the root in 0.1, kept for one release. */
import * as generate from './model/generate/cnn.ts'
import type * as onnx from './model/onnx.ts'
import * as command from './prover/command-prover.ts'
import type * as contract from './prover/contract.ts'
import * as definition from './prover/define.ts'
import { breadthTrack, depthTrack, lenetTrack } from './track/cnn.ts'
import { modelsTrack } from './track/models.ts'

/** @deprecated Renamed: import `lenetTrack`. */
export const lenet = lenetTrack
/** @deprecated Renamed: import `depthTrack`. */
export const depth = depthTrack
/** @deprecated Renamed: import `breadthTrack`. */
export const breadth = breadthTrack
/** @deprecated Renamed: import `modelsTrack`. */
export const models = modelsTrack

/** @deprecated Import it from `provemark/model`. */
export const generateCnn = generate.generateCnn
/** @deprecated Import it from `provemark/model`. */
export const generateLenet = generate.generateLenet
/** @deprecated Import it from `provemark/model`. */
export type OnnxModel = onnx.OnnxModel

/** @deprecated Import it from `provemark/prover`. */
export const commandProver = command.commandProver
/** @deprecated Import it from `provemark/prover`. */
export const defineProver = definition.defineProver
/** @deprecated Import it from `provemark/prover`. */
export type Prover = contract.Prover
