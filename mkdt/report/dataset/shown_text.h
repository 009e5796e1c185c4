// Names that come from outside (of data sets, encoders, files), for a page that others will read.
#pragma once

#include <string>
#include <string_view>

namespace mkdt {

// One line of at most 200 bytes, valid UTF-8: what is not, and characters that are not to be seen
// or turn the direction of the text, become '?' or U+FFFD.
std::string shown_text(std::string_view text);

// The same for Markdown with HTML in it: means itself in a paragraph, a heading and a table's cell.
std::string in_markdown(std::string_view text);

// The same as a quoted scalar of YAML.
std::string in_yaml(std::string_view text);

// "data/cifar10" → "cifar10": what is behind the last separator that is followed by anything. Where
// files lie is nobody else's business.
std::string behind_folders(std::string_view text);

}  // namespace mkdt
