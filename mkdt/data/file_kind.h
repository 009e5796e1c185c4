// What a file is that was taken for an image and is none, as far as its first bytes say.
#pragma once

#include <string>
#include <string_view>

namespace mkdt {

// "a WebP image", "a Git LFS pointer, not the image itself; `git lfs pull` fetches it", …;
// empty where the bytes do not say. `bytes` of the file's beginning; 512 are enough.
std::string kind_of_file(std::string_view bytes);

}  // namespace mkdt
