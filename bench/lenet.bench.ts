import { defineTrack, lenetTrack } from '../src/index.ts'

defineTrack(lenetTrack)
