#!/usr/bin/env bash
# Makes the runs of this folder: bash results/make.sh DATA WEIGHTS OUT, with the folders of CIFAR-10 and of the published networks' files.
# Hours on a CPU. A command that was stopped goes on where it was when the script is started again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$(realpath "$1") weights=$(realpath "$2")
mkdir -p "$3" && cd "$3"
ln -sfn "$data" data && ln -sfn "$weights" weights

evaluate() { # RUN, then options
    run=$1 && shift
    robench eval "$@" --out "$run" $([ -d "$run" ] && echo --resume)
    keep "$run" run.json scores.csv
}
train() { # RUN METHOD, then options
    run=$1 method=$2 && shift 2
    robench train "$method" "$@" --dataset cifar-10 --data-dir data --arch resnet20 --epochs 10 --precision bf16 \
        --out "$run" $([ -d "$run" ] && echo --resume)
    keep "$run" run.json log.jsonl
    evaluate "$run/cifar-10-c" --model "$run/checkpoints/last.pt" --name "$(basename "$run")" --precision bf16 \
        --suite cifar-10-c --data-dir data --batch-size 100
}
keep() { # RUN FILES: copy what is handed on
    mkdir -p "$here/$1" && (cd "$1" && cp "${@:2}" "$here/$1/")
}

export OMP_NUM_THREADS=1
resnet20=(--model weights/resnet20-12fca82f.th --arch resnet20 --normalisation imagenet --data-dir data --batch-size 100)
evaluate resnet20/cifar-10-c "${resnet20[@]}" --suite cifar-10-c
train trained/standard-0 standard
train trained/augmix-0 augmix
