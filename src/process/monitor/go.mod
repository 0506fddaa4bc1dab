module provemark/monitor

go 1.24.0
