"""A student's ConvNet in PyTorch, from what `mkdt export RUN --encoder --to pt` wrote."""
import sys

import torch
from torch.nn import functional as F


def load(path):
    """A function from images [N,C,H,W], numbers from 0 to 1, to features [N,F]."""
    data = torch.load(path, weights_only=True)
    parameters, info = data["parameters"], data["metadata"]
    if info["architecture"] != "convnet" or info.get("kind") != "mkdt encoder":
        sys.exit(f"{path}: no ConvNet of a student; mkdt export --to torchscript, then torch.jit.load")
    mean, std = data["mean"].view(1, -1, 1, 1), data["std"].view(1, -1, 1, 1)
    norm, pooling = info.get("norm", "instance"), info.get("pooling", "average")
    activate = {"leaky-relu": F.leaky_relu, "swish": F.silu, "sigmoid": torch.sigmoid}.get(info.get("activation"), F.relu)
    pool = {"average": F.avg_pool2d, "max": F.max_pool2d, "none": lambda x, _: x}[pooling]
    layers = 2 + (norm != "none") + (pooling != "none")  # of a block; they are numbered through

    def encode(images):
        x = (images - mean) / std
        for i in range(0, int(info["depth"]) * layers, layers):
            x = F.conv2d(x, parameters[f"features.{i}.weight"], parameters[f"features.{i}.bias"], padding=1)
            if norm != "none":
                x = F.group_norm(x, {"instance": x.shape[1], "group": 4, "layer": 1}[norm])
                shape = (1, -1, *(x.shape[2:] if norm == "layer" else (1, 1)))
                x = x * parameters[f"features.{i + 1}.weight"].view(shape) + parameters[f"features.{i + 1}.bias"].view(shape)
            x = pool(activate(x), 2)
        return x.flatten(1)

    return encode
