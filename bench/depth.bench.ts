import { defineTrack, depthTrack } from '../src/index.ts'

defineTrack(depthTrack)
