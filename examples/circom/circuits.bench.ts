import { defineTrack, workloadsTrack } from 'provemark'

defineTrack(workloadsTrack)
