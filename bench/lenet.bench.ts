import { defineTrack, lenet } from '../src/index.ts'

defineTrack(lenet)
