#!/usr/bin/env python3
"""Exports an encoder to TorchScript, for teacher.torchscript: one vector an image, no classifier.

    python3 examples/export_encoder.py resnet18 --library torchvision --out resnet18.pt
    python3 examples/export_encoder.py vit_small_patch14_dinov2.lvd142m --size 224 --out dinov2.pt     # timm
    python3 examples/export_encoder.py dinov2_vits14 --out dinov2.pt                                   # torch.hub
    python3 examples/export_encoder.py facebook/dinov2-small --out dinov2.pt                           # transformers
    python3 examples/export_encoder.py openai/clip-vit-base-patch32 --out clip.pt                      # transformers

What it prints at the end goes into the configuration or onto the command line of `mkdt run`. Attention is written
out in products and a softmax, so that a libtorch as old as 1.13, which has no fused one, reads the program.
"""
import argparse
import importlib
import sys

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def needed(module, package):
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SystemExit(f"export_encoder.py needs {package}, which this Python has not ({error}): "
                         f"{sys.executable} -m pip install {module}")


def timm_encoder(arguments):
    timm = needed("timm", "timm")
    layers = getattr(timm, "layers", None)
    if hasattr(layers, "set_fused_attn"):
        layers.set_fused_attn(False)
    size = {"img_size": arguments.size} if arguments.size and "vit" in arguments.model else {}
    model = timm.create_model(arguments.model, pretrained=arguments.weights != "none", num_classes=0, **size)
    config = timm.data.resolve_model_data_config(model)
    return model, config["input_size"][-1], config["mean"], config["std"]


def torchvision_encoder(arguments):
    torchvision, nn = needed("torchvision", "torchvision"), needed("torch", "PyTorch").nn
    build = getattr(torchvision.models, arguments.model, None)
    if not callable(build):
        raise SystemExit(f"torchvision.models has no '{arguments.model}'")
    model = build(weights=None if arguments.weights == "none" else arguments.weights)
    for head in ("fc", "classifier", "heads", "head"):  # whichever this architecture has
        if hasattr(model, head):
            setattr(model, head, nn.Identity())
    return model, 224, *IMAGENET


def hub_encoder(arguments):
    torch = needed("torch", "PyTorch")
    repository = "facebookresearch/" + arguments.model.split("_")[0]  # dinov2, dino
    model = torch.hub.load(repository, arguments.model, pretrained=arguments.weights != "none")
    return model, 224, *IMAGENET


def transformers_encoder(arguments):
    transformers, nn = needed("transformers", "transformers"), needed("torch", "PyTorch").nn
    name = arguments.model
    if arguments.weights == "none":
        whole = transformers.AutoModel.from_config(transformers.AutoConfig.from_pretrained(name))
    else:
        whole = transformers.AutoModel.from_pretrained(name)

    class Encoder(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = whole

        def forward(self, images):
            if hasattr(self.model, "get_image_features"):  # CLIP and its relatives
                features = self.model.get_image_features(pixel_values=images)
                return getattr(features, "pooler_output", features)
            output = self.model(pixel_values=images)
            pooled = getattr(output, "pooler_output", None)
            return output.last_hidden_state[:, 0] if pooled is None else pooled

    processor = transformers.AutoImageProcessor.from_pretrained(name)
    sides = getattr(processor, "crop_size", None) or processor.size
    sides = sides if isinstance(sides, dict) else {"height": sides}
    return Encoder(), sides.get("height") or sides["shortest_edge"], processor.image_mean, processor.image_std


LIBRARIES = {"timm": timm_encoder, "torchvision": torchvision_encoder, "hub": hub_encoder,
             "transformers": transformers_encoder}


def library_of(model):
    if "/" in model:
        return "transformers"
    return "hub" if model.startswith(("dinov2_", "dino_")) else "timm"


def written_out_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, **_):
    """torch.nn.functional.scaled_dot_product_attention, which PyTorch has from 2.0 on."""
    scores = query @ key.transpose(-2, -1) * (query.shape[-1] ** -0.5 if scale is None else scale)
    if is_causal:
        attn_mask = scores.new_ones(scores.shape[-2:]).tril().bool()
    if attn_mask is not None:
        boolean = not attn_mask.is_floating_point()
        scores = scores.masked_fill(~attn_mask, float("-inf")) if boolean else scores + attn_mask
    return scores.softmax(-1) @ value


def traced(torch, model, size):
    """A program that does what the model does for every batch of images of that size."""
    batches = [torch.rand(count, 3, size, size) for count in (2, 1, 5)]
    with torch.no_grad():
        expected = [model(images) for images in batches]
    if not isinstance(expected[0], torch.Tensor):
        raise SystemExit(f"the model returns a {type(expected[0]).__name__}, not a tensor")
    torch.nn.functional.scaled_dot_product_attention = written_out_attention
    if hasattr(torch.backends, "mha"):
        torch.backends.mha.set_fastpath_enabled(False)
    with torch.no_grad():
        program = torch.jit.trace(model, batches[0], check_trace=False)
        for images, wanted in zip(batches, expected):
            error = (program(images) - wanted).abs().max().item()
            if not error <= 1e-4 * max(1.0, wanted.abs().max().item()):
                raise SystemExit(f"the traced program differs from the model by {error:g} on {len(images)} images")
    if any("scaled_dot_product" in name for name in torch.jit.export_opnames(program)):
        raise SystemExit("the program has fused attention, which libtorch before 2.0 does not know; "
                         "choose an attention without it (attn_implementation=\"eager\")")
    return program, expected[0].shape


def export(arguments):
    torch = needed("torch", "PyTorch")
    model, size, mean, std = LIBRARIES[arguments.library or library_of(arguments.model)](arguments)
    size = arguments.size or size
    program, shape = traced(torch, model.eval(), size)
    if len(shape) != 2:
        print(f"note: it returns {list(shape)}; teacher.pooling makes one vector an image of that", file=sys.stderr)
    program.save(arguments.out)
    values = lambda numbers: ",".join(f"{number:.8g}" for number in numbers)
    print(f"--set teacher.torchscript={arguments.out} --set teacher.input_size={size} "
          f"--set teacher.input_mean={values(mean)} --set teacher.input_std={values(std)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="the model's name in its library")
    parser.add_argument("--library", choices=sorted(LIBRARIES),
                        help="if not given: transformers for a name with a slash, hub for dinov2_… and dino_…, else timm")
    parser.add_argument("--weights", default="DEFAULT", help="torchvision's name of the weights; none: random ones")
    parser.add_argument("--size", type=int, help="height and width of the images, if not the model's own")
    parser.add_argument("--out", required=True, help="the file to write")
    arguments = parser.parse_args()
    try:
        export(arguments)
    except Exception as error:  # of libraries, downloads and files: a line
        sys.exit(f"export_encoder.py: {arguments.model}: {type(error).__name__}: {' '.join(str(error).split())}")


if __name__ == "__main__":
    main()
