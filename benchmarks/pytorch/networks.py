"""The networks of the benchmarks, as one writes them in PyTorch, from the parameters with which polytask starts."""

import torch


def linear(start, name):
    weights, bias = start[name + "weights"], start[name + "bias"]
    layer = torch.nn.Linear(weights.shape[1], weights.shape[0])
    with torch.no_grad():
        layer.weight.copy_(weights)
        layer.bias.copy_(bias.flatten())
    return layer


def perceptron(start, name):
    """Linear layers, each followed by a ReLU: those called NAME0/, NAME1/, ..."""
    layers = []
    while f"{name}{len(layers) // 2}/weights" in start:
        layers += [linear(start, f"{name}{len(layers) // 2}/"), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers)


class HardSharing(torch.nn.Module):
    """Shared layers, and a linear head a task."""

    def __init__(self, start, tasks):
        super().__init__()
        self.shared = perceptron(start, "shared/")
        self.heads = torch.nn.ModuleList([linear(start, f"{task}/0/") for task in tasks])

    def forward(self, numbers, categories=None):
        shared = self.shared(numbers)
        return [head(shared) for head in self.heads]

    def last_shared_weights(self):
        return self.shared[-2].weight


class Embeddings(torch.nn.Module):
    """A table a categorical column; their rows stand after the numbers in the input of the shared layers."""

    def __init__(self, start, tasks, sparse):
        super().__init__()
        tables = []
        while f"embeddings/{len(tables)}" in start:
            rows = start[f"embeddings/{len(tables)}"].T.contiguous()
            tables.append(torch.nn.Embedding.from_pretrained(rows, freeze=False, sparse=sparse))
        self.tables = torch.nn.ModuleList(tables)
        self.network = HardSharing(start, tasks)

    def forward(self, numbers, categories):
        embedded = [table(categories[:, column]) for column, table in enumerate(self.tables)]
        return self.network(torch.cat([numbers] + embedded, dim=1))


class MixtureOfExperts(torch.nn.Module):
    """Experts that all tasks share, mixed for each task by a softmax gate (MMoE)."""

    def __init__(self, start, tasks):
        super().__init__()
        experts = []
        while f"shared/experts/{len(experts)}/0/weights" in start:
            experts.append(perceptron(start, f"shared/experts/{len(experts)}/"))
        self.experts = torch.nn.ModuleList(experts)
        self.gates = torch.nn.ModuleList([linear(start, f"{task}/gate/") for task in tasks])
        self.heads = torch.nn.ModuleList([linear(start, f"{task}/0/") for task in tasks])

    def forward(self, numbers, categories=None):
        experts = torch.stack([expert(numbers) for expert in self.experts], dim=1)
        outputs = []
        for gate, head in zip(self.gates, self.heads):
            shares = torch.softmax(gate(numbers), dim=1)
            outputs.append(head((shares.unsqueeze(2) * experts).sum(dim=1)))
        return outputs
