"""A student's encoder in PyTorch, from RUN/pretrain/encoder.safetensors or `mkdt export --encoder`."""
import json
import sys

import torch
from torch.nn import functional as F


def read(path):
    """Tensors by name, mean and std among them, and the metadata."""
    if str(path).endswith(".pt"):
        data = torch.load(path, weights_only=True)
        return {**data["parameters"], "mean": data["mean"], "std": data["std"]}, data["metadata"]
    data = bytearray(open(path, "rb").read())
    begin = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:begin])
    info = header.pop("__metadata__")
    tensors = {name: torch.tensor([float(value) for value in info[name].split(",")]) for name in ("mean", "std")}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            continue  # a count of batches
        first, last = (begin + offset for offset in entry["data_offsets"])
        tensors[name] = torch.frombuffer(data[first:last], dtype=torch.float32).reshape(entry["shape"])
    return tensors, info


def load(path):
    """A function from images [N,C,H,W], numbers from 0 to 1, to features [N,F]."""
    t, info = read(path)
    if info["architecture"] != "convnet" or info.get("kind") != "mkdt encoder":
        sys.exit(f"{path}: no ConvNet of a student; mkdt export --to torchscript, then torch.jit.load")
    norm, pooling = info.get("norm", "instance"), info.get("pooling", "average")
    activate = {"leaky-relu": F.leaky_relu, "swish": F.silu, "sigmoid": torch.sigmoid}.get(info.get("activation"), F.relu)
    pool = {"average": F.avg_pool2d, "max": F.max_pool2d, "none": lambda x, _: x}[pooling]
    layers = 2 + (norm != "none") + (pooling != "none")  # of a block; they are numbered through

    def encode(images):
        x = (images - t["mean"].view(1, -1, 1, 1)) / t["std"].view(1, -1, 1, 1)
        for i in range(0, int(info["depth"]) * layers, layers):
            x = F.conv2d(x, t[f"features.{i}.weight"], t[f"features.{i}.bias"], padding=1)
            if norm != "none":
                x = F.group_norm(x, {"instance": x.shape[1], "group": 4, "layer": 1}[norm])
                shape = (1, -1, *(x.shape[2:] if norm == "layer" else (1, 1)))
                x = x * t[f"features.{i + 1}.weight"].view(shape) + t[f"features.{i + 1}.bias"].view(shape)
            x = pool(activate(x), 2)
        return x.flatten(1)

    return encode


if __name__ == "__main__":
    size = int(read(sys.argv[1])[1]["image_size"])
    print(load(sys.argv[1])(torch.rand(2, 3, size, size)).shape)
