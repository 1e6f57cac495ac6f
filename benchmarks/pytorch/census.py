"""Census-Income in pandas and PyTorch, from the files to the AUC of both tasks: see benchmarks/census.cpp."""

import sys
import time

import numpy
import pandas
import torch

NUMBERS = ["age", "wage_per_hour", "capital_gains", "capital_losses", "dividends_from_stocks",
           "num_persons_worked_for_employer", "weeks_worked_in_year"]
LABELS = ["income", "marital_stat"]


class Network(torch.nn.Module):
    """An embedding a category, one shared layer, a head of two layers a task."""

    def __init__(self, sizes, numbers, width=4, hidden=117, head=8, tasks=2):
        super().__init__()
        self.embeddings = torch.nn.ModuleList([torch.nn.Embedding(size, width) for size in sizes])
        self.shared = torch.nn.Sequential(torch.nn.Linear(numbers + width * len(sizes), hidden), torch.nn.ReLU())
        self.heads = torch.nn.ModuleList([
            torch.nn.Sequential(torch.nn.Linear(hidden, head), torch.nn.ReLU(), torch.nn.Linear(head, 1))
            for _ in range(tasks)])

    def forward(self, numbers, categories):
        embedded = [embedding(categories[:, column]) for column, embedding in enumerate(self.embeddings)]
        shared = self.shared(torch.cat([numbers] + embedded, dim=1))
        return [head(shared).squeeze(1) for head in self.heads]


def labels_of(table):
    return torch.from_numpy(numpy.stack([table["income"] == "50000+.", table["marital_stat"] == "Never married"], axis=1)
                            .astype(numpy.float32))


def encode(train, test):
    """Both tables as numbers, categories and labels, fitted on the first."""
    categories = [column for column in train.columns if column not in NUMBERS + LABELS]
    known = {column: train[column].unique() for column in categories}
    scaled = numpy.log1p(train[NUMBERS].to_numpy(numpy.float64))
    mean, deviation = scaled.mean(axis=0), scaled.std(axis=0)

    def encoded(table):
        numbers = (numpy.log1p(table[NUMBERS].to_numpy(numpy.float64)) - mean) / deviation
        codes = [pandas.Categorical(table[column], categories=known[column]).codes.astype(numpy.int64) + 1
                 for column in categories]
        return (torch.from_numpy(numbers.astype(numpy.float32)), torch.from_numpy(numpy.stack(codes, axis=1)),
                labels_of(table))

    return encoded(train), encoded(test), [len(known[column]) + 1 for column in categories]


def fit(network, data, epochs, batch=1024):
    numbers, categories, labels = data
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    loss_of = torch.nn.BCEWithLogitsLoss()
    for _ in range(epochs):
        order = torch.randperm(len(numbers))
        for begin in range(0, len(order), batch):
            chosen = order[begin:begin + batch]
            outputs = network(numbers[chosen], categories[chosen])
            loss = sum(loss_of(output, labels[chosen, task]) for task, output in enumerate(outputs))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def auc(scores, labels):
    ranks = pandas.Series(scores).rank().to_numpy()
    positive = labels == 1
    count = positive.sum()
    return (ranks[positive].sum() - count * (count + 1) / 2) / (count * (len(labels) - count))


def run(train_file, test_file, epochs):
    """The seconds of reading, encoding, training and evaluating, and the AUC of both tasks."""
    times = [time.process_time()]
    train, test = (pandas.read_csv(file, keep_default_na=False) for file in (train_file, test_file))
    times.append(time.process_time())
    train_data, (numbers, categories, labels), sizes = encode(train, test)
    times.append(time.process_time())
    network = Network(sizes, len(NUMBERS))
    fit(network, train_data, epochs)
    times.append(time.process_time())
    with torch.inference_mode():
        outputs = network(numbers, categories)
    scores = [auc(output.numpy(), labels[:, task].numpy()) for task, output in enumerate(outputs)]
    times.append(time.process_time())
    return list(numpy.diff(times)) + scores


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    train_file, test_file, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    for line in sys.stdin:
        command, *words = line.split()
        if command == "run":
            begin = time.process_time()
            for _ in range(int(words[0])):
                found = run(train_file, test_file, epochs)
            print(repr(time.process_time() - begin), flush=True)
        elif command == "found":
            print(" ".join(repr(float(number)) for number in found), flush=True)
        elif command == "version":
            print(f"PyTorch {torch.__version__} and pandas {pandas.__version__}", flush=True)


if __name__ == "__main__":
    main()
