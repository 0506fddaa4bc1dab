import { defineTrack, models } from '../src/index.ts'

defineTrack(models)
