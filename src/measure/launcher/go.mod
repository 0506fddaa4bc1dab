module provemark/launcher

go 1.24.0
