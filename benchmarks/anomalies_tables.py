"""Anomalies in tables: ours beside PyOD's VAE, an isolation forest, and the local outlier factor.

    pip install -c constraints.txt pyod torch tqdm
    python benchmarks/anomalies_tables.py                   (ten minutes on 2 cores)
    python benchmarks/anomalies_tables.py breast_cancer     (one of them; 2 minutes)
    python benchmarks/anomalies_tables.py table             (of what was measured)
    python benchmarks/anomalies_tables.py settings          (5 minutes; what the defaults rest on)

Both tables come with scikit-learn. Of `breast_cancer`, 357 benign samples are ordinary and 212 malignant
ones anomalies; of `digits`, each of the ten in turn is ordinary, some 180 images of 8×8, and the nine
others are anomalies, and figures are means over the ten. In each of five splits, two for `digits`, a half
of the ordinary rows is for training, and the other half and all anomalies are for testing. No method sees
an anomaly in training, and each has its defaults, but for a tenth of false alarms that is asked of all; the
local outlier factor, to which units matter and which does not look after them, is also given standardised
columns. PyOD is left out where it is not installed.

Our defaults were chosen by the bound of ordinary rows that are held out, which `settings` measures, without
a look at anomalies: the mean over three splits, in nats.
"""

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
from sklearn import datasets
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from keras_vae.estimators import VAEOutlierDetector

RESULTS = Path(__file__).parent / "results" / "anomalies_tables.json"
SPLITS = {"breast_cancer": 5, "digits": 2}
RATE = 0.1
FIGURES = ("auroc", "average_precision", "false_alarms")
SETTINGS = {
    "one layer of 64, 200 epochs": {},
    "the recipe's 128 and 64, 100 epochs": {"hidden_units": (128, 64), "epochs": 100},
}


def breast_cancer():
    x, is_benign = datasets.load_breast_cancer(return_X_y=True)
    return [(x[is_benign == 1], x[is_benign == 0])]


def digits():
    x, digit = datasets.load_digits(return_X_y=True)
    return [(x[digit == each], x[digit != each]) for each in range(10)]


def ours(seed):
    return VAEOutlierDetector(RATE, random_state=seed)


def pyod_vae(seed):
    from pyod.models.vae import VAE

    return VAE(contamination=RATE, random_state=seed, verbose=0)


def forest(seed):
    return IsolationForest(contamination=RATE, random_state=seed)


def factor(seed):
    return LocalOutlierFactor(novelty=True, contamination=RATE)


def standardized_factor(seed):
    return make_pipeline(StandardScaler(), factor(seed))


TABLES = {"breast_cancer": breast_cancer, "digits": digits}
METHODS = {
    "keras-vae": ours,
    "PyOD's VAE": pyod_vae,
    "IsolationForest": forest,
    "LocalOutlierFactor": factor,
    "LocalOutlierFactor, standardised": standardized_factor,
}


def measure_one(make, ordinary, anomalies, seed):
    order = np.random.default_rng(seed).permutation(len(ordinary))
    half = len(ordinary) // 2
    train, rest = ordinary[order[:half]], ordinary[order[half:]]
    test = np.concatenate([rest, anomalies])
    is_anomaly = np.repeat([False, True], [len(rest), len(anomalies)])
    detector = make(seed).fit(train)
    strangeness, called = detector.decision_function(test), detector.predict(test)
    if type(detector).__module__.startswith("pyod"):  # whose anomalies are 1, and ordinary rows 0
        called = called == 1
    else:
        strangeness, called = -strangeness, called == -1
    found = (
        roc_auc_score(is_anomaly, strangeness),
        average_precision_score(is_anomaly, strangeness),
        called[~is_anomaly].mean(),
    )
    return dict(zip(FIGURES, map(float, found), strict=True))


def measure(name):
    problems = TABLES[name]()
    result = {}
    for method, make in METHODS.items():
        if make is pyod_vae and not importlib.util.find_spec("pyod"):
            continue
        splits = []
        for seed in range(SPLITS[name]):
            found = [measure_one(make, *each, seed) for each in problems]
            splits.append({figure: float(np.mean([each[figure] for each in found])) for figure in found[0]})
        result[method] = {
            figure: {
                "mean": round(float(np.mean([each[figure] for each in splits])), 4),
                "sd": round(float(np.std([each[figure] for each in splits], ddof=1)), 4),
            }
            for figure in splits[0]
        }
        print(name, method, result[method], flush=True)
    return {
        "ordinary": [len(ordinary) for ordinary, _ in problems],
        "anomalies": [len(anomalies) for _, anomalies in problems],
        "splits": SPLITS[name],
        "methods": result,
        "command": f"python benchmarks/anomalies_tables.py {name}",
    }


def settings():
    """The negative bound of rows that were held out, for each table of ordinary rows and each setting."""
    tables = {
        "breast_cancer, benign": breast_cancer()[0][0],
        "diabetes": datasets.load_diabetes().data,
        "wine": datasets.load_wine().data,
        **{f"digits, {each}": digits()[each][0] for each in (0, 3, 8)},
    }
    result = {}
    for name, x in tables.items():
        result[name] = {}
        for setting, changes in SETTINGS.items():
            fitted = [VAEOutlierDetector(random_state=seed, **changes).fit(x) for seed in range(3)]
            held_out = [float(each.model_.calibration.scores.mean()) for each in fitted]
            result[name][setting] = round(float(np.mean(held_out)), 2)
        print(name, result[name], flush=True)
    return {"nats": result, "command": "python benchmarks/anomalies_tables.py settings"}


def table(results):
    print("| table | method | AUROC | average precision | false alarms, 10 % asked |")
    print("| --- | --- | --- | --- | --- |")
    for name, result in results.items():
        for method, found in result["methods"].items():
            shown = [found[figure] for figure in FIGURES]
            cells = [f"{each['mean']:.3f} ± {each['sd']:.3f}" for each in shown[:2]]
            cells.append(f"{100 * shown[2]['mean']:.1f} ± {100 * shown[2]['sd']:.1f} %")
            print(f"| {name} | {method} | {' | '.join(cells)} |")


def main():
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in sys.argv[1:] or TABLES:
        if name != "table":
            results[name] = settings() if name == "settings" else measure(name)
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    table({name: results[name] for name in TABLES if name in results})


if __name__ == "__main__":
    main()
