import { defineTrack, breadth } from '../src/index.ts'

defineTrack(breadth)
