import './require-node.ts'
import * as generate from './model/generate/cnn.ts'
import type * as onnx from './model/onnx.ts'
import * as command from './prover/command-prover.ts'
import type * as contract from './prover/contract.ts'
import * as definition from './prover/define.ts'
import { breadthTrack, depthTrack, lenetTrack } from './track/cnn.ts'
import { modelsTrack } from './track/models.ts'

export { ERROR_CODES, ProvemarkError, type ErrorCode } from './errors.ts'
export type { Point } from './point/point.ts'
export { readRows, type ReadRowsOptions } from './read-rows.ts'
export type { RowProblem } from './row/read.ts'
export { rowSchema, type Phase, type Row, type Status } from './row/schema.ts'
export { breadthTrack, depthTrack, lenetTrack } from './track/cnn.ts'
export { defineTrack, type TrackContext, type TrackDefinition } from './track/define.ts'
export { modelsTrack, workloadsTrack } from './track/models.ts'
export { mlpTrack, resnetTrack, transformerTrack } from './track/networks.ts'
export { operatorsTrack } from './track/operators.ts'

// Names exported in 0.1, kept for one release.

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
