import { defineTrack, depth } from '../src/index.ts'

defineTrack(depth)
