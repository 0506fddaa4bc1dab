#!/usr/bin/env bash
# A Slurm cluster of its own on this machine, for trials: a controller and two nodes on the loopback, everything in one
# folder. Needs Debian's slurmctld, slurmd, slurm-client and munge, and root.
# usage: cluster.sh start DIR | cluster.sh stop DIR        then: export SLURM_CONF=DIR/slurm.conf
set -euo pipefail

readonly command=${1:?start or stop} dir=${2:?a folder}

wait_for() { # SECONDS COMMAND…
  for _ in $(seq "$1"); do "${@:2}" >/dev/null 2>&1 && return; sleep 1; done
  echo "cluster: timed out: ${*:2}" >&2
  return 1
}

write_config() {
  cat >"$dir/slurm.conf" <<CONF
ClusterName=provemark
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=16817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool-%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
ReturnToService=2
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
NodeName=n1 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=17001 CPUs=1
NodeName=n2 NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=17002 CPUs=1
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
CONF
}

start() {
  mkdir -p "$dir/state" "$dir/spool-n1" "$dir/spool-n2"
  chmod 755 "$dir"
  (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
  write_config
  export SLURM_CONF=$dir/slurm.conf
  munged --force --socket="$dir/munge.socket" --key-file="$dir/munge.key" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munge.seed"
  slurmctld -c
  for node in n1 n2; do slurmd -N "$node"; done
  wait_for 30 nodes_idle
  sinfo --noheader --format='%n %t' --Node
}

is_gone() { ! kill -0 "$1" 2>/dev/null; }

nodes_idle() { [ "$(sinfo --noheader --Node --format=%t | grep -c '^idle$')" = 2 ]; }

stop() {
  for pid_file in "$dir"/slurmd-n*.pid "$dir/slurmctld.pid" "$dir/munged.pid"; do
    [ -e "$pid_file" ] || continue
    pid=$(cat "$pid_file")
    kill "$pid" 2>/dev/null || continue
    wait_for 30 is_gone "$pid"
  done
}

"$command"
