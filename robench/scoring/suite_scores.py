"""What the scores of a corruption, a sequence or a whole suite are called, beside the metrics of single conditions."""

from robench.metrics.detection import METRICS_OF_PAIRS, SURENESS
from robench.scoring.reasons import EFFECTIVE

SUITE_SCORES = {
    "uce": "error of a corruption, averaged over its severities",
    "mean_uce": "uce averaged over the corruptions: CIFAR's mean corruption error, not normalised",
    "ce": "uce divided by a baseline's: AlexNet's on ImageNet-C, else that of --baseline RUN",
    "mce": "ce averaged over the corruptions",
    "relative_ce": "what uce adds to the clean error, divided by what it adds to the baseline's",
    "relative_mce": "relative_ce averaged over the corruptions",
    "mean_flip_probability": "flip_probability averaged over the sequences",
    "mean_top5_distance": "top5_distance averaged over the sequences",
    "mean_zipf_distance": "zipf_distance averaged over the sequences",
    "flip_rate": "flip_probability divided by that of --baseline RUN",
    "mfr": "flip_rate averaged over the sequences",
    "t5d": "top5_distance divided by that of --baseline RUN",
    "mt5d": "t5d averaged over the sequences",
    EFFECTIVE: "accuracy on corrupted images above what compare --line expects of the clean accuracy",
}
ANOMALY_SCORES = {
    f"{metric}_{score}": f"{metric.upper()} of telling anomalies by {score}"
    for metric in METRICS_OF_PAIRS
    for score in SURENESS
}
