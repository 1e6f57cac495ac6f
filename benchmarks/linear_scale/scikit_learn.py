"""scikit-learn's MultiTaskLasso, timed in turn with polytask.

Reads a line "SAMPLES FEATURES TASKS" and the inputs and labels, float64, a sample after the other. Then, line by line:
"choose STRENGTH TOLERANCE"; "run CALLS", answered by the seconds that so many fits took; "objective", answered by what
the last fit has reached.
"""

import sys
import time

import numpy
from sklearn.linear_model import MultiTaskLasso


def main():
    stream = sys.stdin.buffer
    samples, features, tasks = map(int, stream.readline().split())

    def matrix(columns):
        numbers = numpy.frombuffer(stream.read(8 * samples * columns), dtype=numpy.float64)
        return numpy.asfortranarray(numbers.reshape(samples, columns))  # the order that fit() need not copy to

    inputs, labels = matrix(features), matrix(tasks)
    model = MultiTaskLasso(max_iter=100000)
    for line in stream:
        command, *arguments = line.split()
        if command == b"choose":
            model.set_params(alpha=float(arguments[0]), tol=float(arguments[1]))
            continue
        if command == b"run":
            begin = time.process_time()
            for _ in range(int(arguments[0])):
                model.fit(inputs, labels)
            answer = time.process_time() - begin
        else:
            residuals = labels - model.predict(inputs)
            lengths = numpy.linalg.norm(model.coef_, axis=0)
            answer = (residuals**2).sum() / (2 * samples) + model.alpha * lengths.sum()
        print(repr(float(answer)), flush=True)


main()
