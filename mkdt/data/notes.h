// What a reader found worth saying, for whoever asked it to read.
#pragma once

#include <string>
#include <vector>

#include "mkdt/core/observer.h"

namespace mkdt {

struct Note {
  std::string text;
  bool warning = false;  // whether it may be a mistake
};

inline void say(const std::vector<Note>& notes, Observer& observer) {
  for (const Note& note : notes) {
    note.warning ? observer.warn(note.text) : observer.info(note.text);
  }
}

}  // namespace mkdt
