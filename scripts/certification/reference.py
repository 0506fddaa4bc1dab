"""Reference values of fit.test.ts and real-runs.test.ts, from scipy. Prints them: python3 reference.py"""

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.stats import beta, multivariate_normal, t


def vectors():
    """Twelve runs of 8 iterations, and eight comparisons of 6 pairs."""
    for v in range(20):
        n = 8 if v < 12 else 12
        at = np.arange(n)
        side = np.zeros(n) if v < 12 else (at + at // 2) % 2
        progress = at / (n - 1) if v < 12 else (at // 2) / (n // 2 - 1)
        logs = 0.1 * np.sin(2.1 * v**2 + 1) + 0.03 * np.sin(0.8 * at + v) + 0.05 * np.sin(1.3 * (v + 2) * at**2 + v)
        logs += 0.08 * np.sin(7 * v + 3 * side + 1) + 0.06 * progress * np.sin(5 * v + 2 * side)
        yield logs, side, progress


def log_likelihood(run, side_sd, shared, own, drift, lasting):
    parts = []
    for logs, side, progress in vectors():
        n = len(logs)
        apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
        same = np.equal.outer(side, side)
        of_side = same * (side_sd**2 + drift**2 * np.multiply.outer(progress, progress))
        parts.append((logs, run**2 + shared**2 * lasting**apart + of_side + own**2 * np.eye(n)))
    inverse = [np.linalg.inv(covariance) for _, covariance in parts]
    mean = sum((i @ logs).sum() for (logs, _), i in zip(parts, inverse)) / sum(i.sum() for i in inverse)
    return sum(multivariate_normal.logpdf(logs, np.full(len(logs), mean), c) for logs, c in parts)


def unpack(x):
    return [*np.exp(x[:5]), 0.99 / (1 + np.exp(-x[5]))]


def clustered(some, sizes):
    """Korn and Graubard's interval of a share that was counted in clusters."""
    some, sizes = np.array(some, float), np.array(sizes, float)
    n, k, p = sizes.sum(), len(some), some.sum() / sizes.sum()
    variance = k / (k - 1) * ((some - p * sizes) ** 2).sum() / n**2
    effective = min(n, p * (1 - p) / variance) if variance else k
    if variance:
        effective = min(n, effective * (t.ppf(0.975, n - 1) / t.ppf(0.975, k - 1)) ** 2)
    x = p * effective
    return (
        beta.ppf(0.025, x, effective - x + 1) if x > 0 else 0,
        beta.ppf(0.975, x + 1, effective - x) if x < effective else 1,
    )


print("scipy", scipy.__version__)
print("log-likelihood", log_likelihood(0.06, 0.02, 0.03, 0.04, 0.03, 0.6))
start = np.log([0.06, 0.01, 0.03, 0.04, 0.02]).tolist() + [0.0]
best = min(
    (
        minimize(lambda x: -log_likelihood(*unpack(x)), np.add(start, shift), method="Nelder-Mead",
                 options={"xatol": 1e-7, "fatol": 1e-10, "maxiter": 20000, "maxfev": 20000})
        for shift in (0, 0.5, -0.5)
    ),
    key=lambda found: found.fun,
)
print("most likely", -best.fun, unpack(best.x))
for some, sizes in [([9, 8, 9, 3, 9], [9] * 5), ([9, 9, 9], [9, 9, 9]), ([0, 1, 0, 0], [4, 4, 5, 3])]:
    print("interval of", some, sizes, clustered(some, sizes))
