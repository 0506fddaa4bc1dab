import { defineTrack, modelsTrack } from 'provemark'

defineTrack(modelsTrack)
