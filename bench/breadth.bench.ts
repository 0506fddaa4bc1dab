import { defineTrack, breadthTrack } from '../src/index.ts'

defineTrack(breadthTrack)
