#include "mkdt/data/image_folder.h"

#include <atomic>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "mkdt/base/error.h"
#include "mkdt/base/threads.h"
#include "mkdt/data/batches.h"
#include "mkdt/data/image_file.h"
#include "mkdt/data/image_list.h"
#include "mkdt/data/image_store.h"
#include "mkdt/data/resize.h"
#include "mkdt/io/growing_tensor_file.h"

namespace mkdt {
namespace fs = std::filesystem;
namespace {

ImageList selected(const ImageList& list, const torch::Tensor& rows) {
  ImageList part{{}, {}, list.class_names};
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const auto row = static_cast<size_t>(rows[i].item<int64_t>());
    part.files.push_back(list.files[row]);
    if (list.labelled()) part.labels.push_back(list.labels[row]);
  }
  return part;
}

std::string size_text(const torch::Tensor& image) {
  return fmt::format("{}×{}", image.size(2), image.size(1));
}

// Returns an undefined tensor if the file cannot be read.
torch::Tensor read_if_whole(const fs::path& file) {
  try {
    return read_image(file);
  } catch (const Error&) {
    return {};
  }
}

// Decodes images of one size, into planes [3,S,S]. Files that cannot be read are collected.
class Decoder {
 public:
  Decoder(std::vector<fs::path> files, int64_t image_size)
      : files_(std::move(files)), image_size_(image_size) {
    if (image_size_ != 0) return;
    resize_ = false;
    image_size_ = size_of_first();
  }

  int64_t count() const { return static_cast<int64_t>(files_.size()); }
  int64_t image_size() const { return image_size_; }

  Decoded decode(int64_t index, const torch::Tensor& plane) {
    torch::Tensor image;
    try {
      image = read_image(files_[static_cast<size_t>(index)]);
    } catch (const Error& error) {
      damaged_.add(index, error.what());
      return Decoded::kDamaged;
    }
    if (resize_) {
      image = resize_and_crop(image, image_size_);
    } else {
      check_size(image, index);
    }
    plane.copy_(image);  // one channel is repeated
    return image.size(0) == 3 ? Decoded::kColour : Decoded::kGrey;
  }

  // Throws Error naming the files that could not be read.
  void throw_if_damaged() const { damaged_.throw_if_any(count()); }

 private:
  // Returns the size of the first image that can be read; where none can, none will be kept.
  int64_t size_of_first() {
    torch::Tensor first;
    for (; !first.defined() && first_ < files_.size(); ++first_) {
      first = read_if_whole(files_[first_]);
    }
    if (!first.defined()) return 1;
    const std::string file = files_[--first_].string();
    if (first.size(1) != first.size(2)) {
      throw Error(
          fmt::format("{}: {} pixels are not square; set data.image_size to have images "
                      "resized and cropped",
                      file, size_text(first)));
    }
    if (first.size(1) > kLargestImage) {
      throw Error(
          fmt::format("{}: {} pixels, expected at most {} a side; set data.image_size to have "
                      "images resized",
                      file, size_text(first), kLargestImage));
    }
    return first.size(1);
  }

  void check_size(const torch::Tensor& image, int64_t index) const {
    if (image.size(1) == image_size_ && image.size(2) == image_size_) return;
    throw Error(
        fmt::format("{} has {} pixels, but {} has {}×{}; set data.image_size to have "
                    "images resized and cropped",
                    files_[static_cast<size_t>(index)].string(), size_text(image),
                    files_[first_].string(), image_size_, image_size_));
  }

  std::vector<fs::path> files_;
  size_t first_ = 0;  // the image whose size all others have to have
  int64_t image_size_;
  bool resize_ = true;
  DamagedFiles damaged_;
};

// Returns all images, with one channel if none has colour.
torch::Tensor decode_all(Decoder& decoder, Observer& observer) {
  const int64_t size = decoder.image_size();
  const torch::Tensor images = torch::empty({decoder.count(), 3, size, size}, torch::kUInt8);
  std::atomic<bool> colour{false};
  for_each_image(
      decoder.count(),
      [&](int64_t index) {
        if (decoder.decode(index, images[index]) == Decoded::kColour) colour = true;
      },
      "decoding images", observer);
  decoder.throw_if_damaged();
  return colour ? images : images.narrow(1, 0, 1).contiguous();
}

// Returns them from the store, or decodes them into it.
torch::Tensor images_in(const ImageStore& store, const std::vector<fs::path>& files,
                        int64_t image_size, Observer& observer) {
  const torch::Tensor found = store.find(observer);
  if (found.defined()) return found;
  Decoder decoder(files, image_size);
  const auto decode = [&](int64_t row, const torch::Tensor& plane) {
    return decoder.decode(row, plane);
  };
  const torch::Tensor images = store.fill(decoder.image_size(), decode, observer);
  decoder.throw_if_damaged();
  return images;
}

torch::Tensor images_of(const fs::path& root, const std::vector<fs::path>& files,
                        const ReadOptions& options, Observer& observer) {
  const ImageStore store(options.cache, root, files, options.image_size);
  try {
    if (store.is_kept()) return images_in(store, files, options.image_size, observer);
  } catch (const CannotGrow& error) {
    observer.warn(fmt::format(
        "{}; the images are decoded again each time (data.cache may name another folder, or none)",
        error.what()));
  }
  Decoder decoder(files, options.image_size);
  return decode_all(decoder, observer);
}

ImageSet make_set(const torch::Tensor& images, const ImageList& list) {
  ImageSet set;
  set.images = images;
  set.class_names = list.class_names;
  if (list.labelled()) set.labels = torch::tensor(list.labels, torch::kInt64);
  return set;
}

}  // namespace

ImageSplits read_image_folder(const fs::path& root, const ReadOptions& options,
                              Observer& observer) {
  const ImageListSplits found = list_images(root, {options.labels, options.classes_of_train});
  say(found.notes, observer);
  ImageSplits splits;
  splits.source_rows = static_cast<int64_t>(found.train.files.size());
  splits.train_rows = spread_rows(splits.source_rows, options.limit);
  splits.source_test_rows = static_cast<int64_t>(found.test.files.size());
  splits.test_rows = spread_rows(splits.source_test_rows, options.test_limit);
  const ImageList train = selected(found.train, splits.train_rows);
  const ImageList test = selected(found.test, splits.test_rows);

  // Both splits are read in one go, so that they agree in size and channels.
  std::vector<fs::path> files = train.files;
  files.insert(files.end(), test.files.begin(), test.files.end());
  const auto count = static_cast<int64_t>(files.size());
  const auto train_count = static_cast<int64_t>(train.files.size());
  const torch::Tensor images = images_of(root, files, options, observer);
  splits.train = make_set(images.narrow(0, 0, train_count), train);
  if (count > train_count) {
    splits.test = make_set(images.narrow(0, train_count, count - train_count), test);
  }
  return splits;
}

}  // namespace mkdt
