import { defineTrack, modelsTrack } from '../src/index.ts'

defineTrack(modelsTrack)
