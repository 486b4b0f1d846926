#!/usr/bin/env bash
# Makes the runs of this folder: bash results/make.sh DATA WEIGHTS PHOTOS OUT
#   DATA     the folder that holds cifar-10-batches-py
#   WEIGHTS  the folder that holds resnet20-12fca82f.th and squeezenet1_0.pth
#   PHOTOS   the folder that holds imagenet/val
# Six hours of one core of a CPU. A command that was stopped goes on where it was when the script is started again.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
data=$(realpath "$1") weights=$(realpath "$2") photos=$(realpath "$3")
mkdir -p "$4" && cd "$4"
ln -sfn "$data" data && ln -sfn "$weights" weights && ln -sfn "$photos" photos

evaluate() { # RUN, then options
    run=$1 && shift
    robench eval "$@" --out "$run" $([ -d "$run" ] && echo --resume)
    keep "$run" run.json scores.csv
}
train() { # METHOD SEED, then options
    method=$1 seed=$2 && shift 2
    name=$method$(IFS=; echo "${*/#--/-}")-$seed
    run=trained/$name
    robench train "$method" "$@" --dataset cifar-10 --data-dir data --arch resnet20 --epochs 10 --precision bf16 --seed "$seed" \
        --out "$run" $([ -d "$run" ] && echo --resume)
    keep "$run" run.json log.jsonl
    evaluate "$run/cifar-10-c" --model "$run/checkpoints/last.pt" --name "$name" --precision bf16 \
        --suite cifar-10-c --data-dir data --batch-size 100
}
keep() { # RUN FILES: copy what is handed on
    mkdir -p "$here/$1" && (cd "$1" && cp "${@:2}" "$here/$1/")
}

export OMP_NUM_THREADS=1
resnet20=(--model weights/resnet20-12fca82f.th --arch resnet20 --normalisation imagenet --data-dir data --batch-size 100)
evaluate resnet20/cifar-10-c "${resnet20[@]}" --suite cifar-10-c
evaluate resnet20/cifar-10-c-seed-1 "${resnet20[@]}" --suite cifar-10-c --seed 1
evaluate resnet20/cifar-10-p "${resnet20[@]}" --suite cifar-10-p
squeezenet=(--model weights/squeezenet1_0.pth --arch torchvision:squeezenet1_0 --mean 0.4824 0.4588 0.4078
    --std 0.00392 0.00392 0.00392 --data-dir photos --batch-size 4)
evaluate squeezenet/imagenet-c "${squeezenet[@]}" --suite imagenet-c
evaluate squeezenet/imagenet-p "${squeezenet[@]}" --suite imagenet-p --limit 130
for seed in 0 1; do
    train standard $seed
    train augmix $seed
done
train augmix 0 --no-jsd
train ipmix 0
train mixup 0
train cutout 0
