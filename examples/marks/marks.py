import os


def mark(text):
    """Writes `begin NAME` or `end NAME` and waits for provemark; does nothing without it."""
    if "PROVEMARK_MARKS" not in os.environ:
        return
    with open(os.environ["PROVEMARK_MARKS"], "w") as marks:
        marks.write(text + "\n")
    with open(os.environ["PROVEMARK_GO"], "rb", buffering=0) as go:
        go.read(1)
