import { defineTrack, transformerTrack } from '../src/index.ts'

defineTrack(transformerTrack)
