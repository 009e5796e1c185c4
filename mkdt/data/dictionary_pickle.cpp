#include "mkdt/data/dictionary_pickle.h"

#include "mkdt/core/error.h"
#include "mkdt/data/pickle_parser.h"

namespace mkdt {
namespace {

constexpr size_t kMaxDictionary = 16 << 20;
constexpr int kMaxLevels = 3;

// Behind the operation that begins it.
DictionaryPickle parse_entries(PickleParser& parser, int level) {
  if (level == kMaxLevels) parser.fail("fewer dictionaries within each other");
  DictionaryPickle dictionary;
  parser.expect(kMark, "a dictionary's entries");
  while (!parser.take(kSetItems)) {
    const std::string name = parser.text();
    if (parser.take(kEmptyDictionary)) {
      dictionary.dictionaries[name] = parse_entries(parser, level + 1);
    } else if (parser.next_is(kText)) {
      dictionary.texts[name] = parser.text();
    } else {
      dictionary.tensors[name] = parse_tensor(parser);
    }
  }
  return dictionary;
}

}  // namespace

DictionaryPickle parse_dictionary_pickle(std::string_view pickle) {
  if (pickle.size() > kMaxDictionary) throw Error("its pickle has more than 16 MiB");
  PickleParser parser(pickle);
  parser.expect(kProtocol, "a pickle");
  parser.number(1);
  parser.expect(kEmptyDictionary, "a dictionary");
  DictionaryPickle dictionary = parse_entries(parser, 0);
  parser.expect(kStop, "the end");
  return dictionary;
}

}  // namespace mkdt
