// A vault with very many keys against one with few: nothing that a request does may grow with them.
#pragma once

#include <vector>

#include "rounds.h"

namespace assay::bench {

// Each in a vault of 10^5 keys on disk, with the same in a vault of 25 as its floor:
//
// * keys_release: a key found, its release policy looked at, its material opened;
// * keys_find: a key by its name;
// * keys_page: a page of 25 from the middle.
//
// And keys_list: all 10^5, page by page; its floor is so many pages of the small vault.
std::vector<Measured> MeasureKeys();

}  // namespace assay::bench
