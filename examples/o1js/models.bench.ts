import { defineTrack, models } from 'provemark'

defineTrack(models)
