// Where the data set lies in the folder that was named: people name one too high.
#pragma once

#include <string>
#include <vector>

#include "mkdt/data/folder_tree.h"
#include "mkdt/data/notes.h"
#include "mkdt/data/split_names.h"

namespace mkdt {

// The splits among the folders of `folder`; those without images count for nothing.
SplitFolders splits_in(const FolderTree& folder);

// `root` itself, or the one folder below it, at most three deep, that holds everything: splits, or
// folders of classes. Where it is not `root`, a note says so. Error naming the places where there
// are several sets with splits of their own, or other images beside such a set.
const FolderTree& find_data_set(const FolderTree& root, std::vector<Note>& notes);

}  // namespace mkdt
