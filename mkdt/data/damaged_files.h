// Files that could not be read, found in one pass and told together.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace mkdt {

class DamagedFiles {
 public:
  // `index` orders them; `message` names the file. May be called from any thread.
  void add(int64_t index, const std::string& message);

  // Error with the messages of the first ten, in their order, and how many there are of `of`.
  void throw_if_any(int64_t of) const;

 private:
  mutable std::mutex mutex_;
  std::map<int64_t, std::string> first_;
  int64_t count_ = 0;
};

}  // namespace mkdt
