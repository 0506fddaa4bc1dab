import { defineTrack, resnetTrack } from '../src/index.ts'

defineTrack(resnetTrack)
