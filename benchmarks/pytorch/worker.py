"""Does in PyTorch the work that a benchmark does in C++, when it is told to: see benchmarks/common/worker.hpp."""

import sys
import time

import numpy
import torch

from networks import Embeddings, HardSharing, MixtureOfExperts


class Training:
    """Steps over a data set in a given order, one a call."""

    def __init__(self, matrices, tasks, batch, network="hard", rule="fixed", sparse="yes"):
        self.numbers = matrices["numbers"].T.contiguous()
        self.labels = matrices["labels"].T.contiguous().split([count for _, count in tasks], dim=1)
        self.categories = matrices["categories"].T.contiguous().long() if "categories" in matrices else None
        self.order = matrices["order"].flatten()
        self.orders = matrices.get("orders")
        self.batch, self.rule, self.next, self.calls = int(batch), rule, 0, 0
        names = [name for name, _ in tasks]
        if network == "hard":
            self.network = HardSharing(matrices, names)
        elif network == "mixture":
            self.network = MixtureOfExperts(matrices, names)
        else:
            self.network = Embeddings(matrices, names, sparse == "yes")
        if network == "embeddings" and sparse == "yes":
            self.optimizers = [torch.optim.Adam(self.network.network.parameters(), lr=1e-3),
                               torch.optim.SparseAdam(list(self.network.tables.parameters()), lr=1e-3)]
        else:
            self.optimizers = [torch.optim.Adam(self.network.parameters(), lr=1e-3)]
        self.weights = torch.ones(len(tasks), requires_grad=True)
        self.first_losses = None

    def __call__(self):
        chosen = self.order[self.next:self.next + self.batch]
        self.next = (self.next + self.batch) % len(self.order)
        categories = None if self.categories is None else self.categories[chosen]
        outputs = self.network(self.numbers[chosen], categories)
        losses = [torch.nn.functional.mse_loss(output, labels[chosen]) for output, labels in zip(outputs, self.labels)]
        for optimizer in self.optimizers:
            optimizer.zero_grad()
        if self.rule == "gradnorm":
            self.grad_norm(torch.stack(losses))
        elif self.rule == "pcgrad":
            self.pc_grad(losses)
        else:
            sum(losses).backward()
            self.step()
        return losses

    def step(self):
        for optimizer in self.optimizers:
            optimizer.step()

    def grad_norm(self, losses, alpha=1.5, rate=0.025, least=1e-4):
        """GradNorm (Chen et al. 2018), the gradient of the weights by autograd."""
        if self.first_losses is None:
            self.first_losses = losses.detach()
        last = self.network.last_shared_weights()
        norms = torch.stack([
            torch.autograd.grad(weight * loss, last, retain_graph=True, create_graph=True)[0].norm()
            for weight, loss in zip(self.weights, losses)])
        with torch.no_grad():
            pace = losses / self.first_losses
            target = norms.mean() * (pace / pace.mean()) ** alpha
        slopes = torch.autograd.grad((norms - target).abs().sum(), self.weights, retain_graph=True)[0]
        (self.weights.detach() * losses).sum().backward()
        self.step()
        with torch.no_grad():
            self.weights.sub_(rate * slopes).clamp_(min=least)
            self.weights.mul_(len(losses) / self.weights.sum())

    def pc_grad(self, losses):
        """PCGrad (Yu et al. 2020): a backward pass a task, projections over the shared parameters."""
        shared = list(self.network.shared.parameters())
        heads = [list(head.parameters()) for head in self.network.heads]
        gradients = []
        for task, loss in enumerate(losses):
            found = torch.autograd.grad(loss, shared + heads[task], retain_graph=task + 1 < len(losses))
            gradients.append(torch.cat([part.flatten() for part in found[:len(shared)]]))
            for parameter, gradient in zip(heads[task], found[len(shared):]):
                parameter.grad = gradient
        total = torch.zeros_like(gradients[0])
        for task, gradient in enumerate(gradients):
            projected = gradient.clone()
            for other in self.orders[:, (self.calls * len(losses) + task) % self.orders.shape[1]].tolist():
                if other == task:
                    continue
                product = projected.dot(gradients[other])
                if product < 0:
                    projected -= product / gradients[other].dot(gradients[other]) * gradients[other]
            total += projected
        self.calls += 1
        for parameter, gradient in zip(shared, total.split([parameter.numel() for parameter in shared])):
            parameter.grad = gradient.view_as(parameter)
        self.step()


class Prediction:
    """Predictions for the next rows, so many a call."""

    def __init__(self, matrices, tasks, batch):
        self.numbers = matrices["numbers"].T.contiguous()
        self.network = HardSharing(matrices, [name for name, _ in tasks]).eval()
        self.batch, self.next = int(batch), 0

    def __call__(self):
        with torch.inference_mode():
            self.network(self.numbers[self.next:self.next + self.batch])
        self.next = (self.next + self.batch) % len(self.numbers)


def answer(text):
    print(text, flush=True)


def main():
    threads = int(sys.argv[1])
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter  # as in benchmarks/common/alternate.hpp
    matrices = {}
    work = None
    for line in iter(sys.stdin.buffer.readline, b""):
        command, *words = line.decode().split()
        if command == "matrix":
            name, kind, rows, columns = words[0], numpy.dtype(words[1]), int(words[2]), int(words[3])
            bytes_read = bytearray(sys.stdin.buffer.read(rows * columns * kind.itemsize))
            matrices[name] = torch.from_numpy(numpy.frombuffer(bytes_read, kind).reshape(columns, rows).T)
        elif command == "forget":
            matrices, work = {}, None
            answer("ready")
        elif command == "work":
            settings = dict(word.split("=") for word in words[1:])
            tasks = [(name, int(count)) for name, count in (task.split(":") for task in settings.pop("tasks").split(","))]
            work = {"training": Training, "prediction": Prediction}[words[0]](matrices, tasks, **settings)
            answer("ready")
        elif command == "run":
            begin = clock()
            for _ in range(int(words[0])):
                work()
            answer(repr(clock() - begin))
        elif command == "losses":
            answer(" ".join(repr(loss.item()) for _ in range(int(words[0])) for loss in work()))
        elif command == "version":
            with open("/proc/self/maps") as maps:
                blas = "OpenBLAS" if "openblas" in maps.read() else "another BLAS than OpenBLAS"
            answer(f"PyTorch {torch.__version__} with {blas}")


if __name__ == "__main__":
    main()
