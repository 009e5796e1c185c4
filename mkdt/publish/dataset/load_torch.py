"""The distilled set for PyTorch: load(folder) gives a TensorDataset and the recipe."""
import json
import pathlib
import sys

import numpy
import torch


def load(folder=pathlib.Path(__file__).parent):
    """Normalised images [M,C,H,W] with targets [M,d], both float32; recipe.json as a dictionary."""
    folder = pathlib.Path(folder)
    arrays = (numpy.load(folder / f"{name}.npy") for name in ("images", "targets"))
    recipe = json.loads((folder / "recipe.json").read_text())
    return torch.utils.data.TensorDataset(*map(torch.from_numpy, arrays)), recipe


if __name__ == "__main__":
    dataset, recipe = load(*sys.argv[1:])
    print(*(tuple(tensor.shape) for tensor in dataset.tensors), recipe)
