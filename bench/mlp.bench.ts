import { defineTrack, mlpTrack } from '../src/index.ts'

defineTrack(mlpTrack)
