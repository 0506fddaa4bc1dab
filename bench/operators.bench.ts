import { defineTrack, operatorsTrack } from '../src/index.ts'

defineTrack(operatorsTrack)
