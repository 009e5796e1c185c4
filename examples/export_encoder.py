#!/usr/bin/env python3
"""Exports a timm or torchvision encoder to TorchScript, for teacher.torchscript.

    python3 examples/export_encoder.py --library torchvision resnet18 --weights DEFAULT --out resnet18.pt
    python3 examples/export_encoder.py --library timm vit_small_patch14_dinov2.lvd142m --out dinov2.pt

What it prints at the end goes into the configuration or onto the command line of `mkdt run`.
The encoder's classifier is left out: what it returns is one vector an image.
"""
import argparse
import sys

import torch


def timm_encoder(arguments):
    import timm

    model = timm.create_model(arguments.model, pretrained=arguments.weights != "none", num_classes=0)
    config = timm.data.resolve_model_data_config(model)
    return model, config["input_size"][-1], config["mean"], config["std"]


def torchvision_encoder(arguments):
    import torchvision

    build = getattr(torchvision.models, arguments.model, None)
    if build is None:
        sys.exit(f"torchvision.models has no '{arguments.model}'")
    weights = None if arguments.weights == "none" else arguments.weights
    model = build(weights=weights)
    for head in ("fc", "classifier", "heads", "head"):  # whichever this architecture has
        if hasattr(model, head):
            setattr(model, head, torch.nn.Identity())
    return model, 224, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def traced(model, size):
    """A program that does what the model does for every batch of images of that size."""
    images = torch.rand(2, 3, size, size)
    with torch.no_grad():
        program = torch.jit.trace(model, images)
        for batch in (1, 5):
            images = torch.rand(batch, 3, size, size)
            error = (program(images) - model(images)).abs().max().item()
            if error > 1e-4:
                sys.exit(f"the traced program differs from the model by {error:g} on {batch} images")
        return program, program(images).shape


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="the model's name in its library")
    parser.add_argument("--library", choices=["timm", "torchvision"], default="timm")
    parser.add_argument("--weights", default="DEFAULT", help="torchvision's name of the weights; none: random ones")
    parser.add_argument("--size", type=int, help="height and width of the images, if not the model's own")
    parser.add_argument("--out", required=True, help="the file to write")
    arguments = parser.parse_args()

    make = timm_encoder if arguments.library == "timm" else torchvision_encoder
    model, size, mean, std = make(arguments)
    size = arguments.size or size
    program, shape = traced(model.eval(), size)
    if len(shape) != 2:
        print(f"note: it returns {list(shape)}; teacher.pooling makes one vector an image of that")
    program.save(arguments.out)

    values = lambda numbers: ",".join(f"{number:g}" for number in numbers)
    print(f"--set teacher.torchscript={arguments.out} --set teacher.input_size={size} "
          f"--set teacher.input_mean={values(mean)} --set teacher.input_std={values(std)}")


if __name__ == "__main__":
    main()
