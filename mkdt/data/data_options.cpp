#include "mkdt/data/data_options.h"

namespace mkdt {

void DataOptions::declare(OptionSection& section) {
  section.add("format", format, {"auto", "cifar", "idx", "folder", "shapes"},
              "What the images lie in: CIFAR binary files, IDX files as of MNIST, folders of JPEG "
              "and PNG images, or the built-in shapes; auto looks into data.root.");
  section.add("root", root, "The folder with the images; not needed for the built-in shapes.");
  section.add("image_size", image_size, 0, 512,
              "Height and width in pixels (8 to 512) to which images are resized and cropped; 0 "
              "leaves them as they are.");
  section.add("normalisation", normalisation,
              {"auto", "measured", "cifar10", "cifar100", "tiny-imagenet", "imagenet", "aircraft",
               "cub", "dogs", "flowers"},
              "Mean and standard deviation of the pixels: measured on the training images, the "
              "published ones of a data set, or auto: published for CIFAR, measured for others.");
  section.add("validation_fraction", validation_fraction, 0.01, 0.5,
              "The part of the training images on which choices are made, never trained on.");
  section.add("limit", limit, 0, 1e9,
              "Use only that many training images, the first ones (of a folder: evenly spaced "
              "ones, as it is sorted by class); 0 uses all.");
  section.add("test_limit", test_limit, 0, 1e9,
              "Use only that many test images, chosen in the same way; 0 uses all.");
  section.add("labels", labels,
              "Whether the folders in a folder of images are classes, and the labels of other "
              "formats are used; false takes every set for unlabelled.");
  section.add(
      "classes", classes, {"same", "train"},
      "Of folders of images, which classes there are where the splits differ: the same ones "
      "or none (the run is refused), or those of the training images (test images of others "
      "are left out).");
  section.add("shapes_train", shapes_train, 100, 1'000'000,
              "Number of training images of the built-in shapes.");
  section.add("shapes_test", shapes_test, 100, 1'000'000,
              "Number of test images of the built-in shapes.");
}

}  // namespace mkdt
