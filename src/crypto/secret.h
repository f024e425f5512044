// What secrets leave behind.
#pragma once

#include <cstddef>
#include <span>

namespace assay {

// Overwrites in a way that a compiler does not drop.
void Cleanse(std::span<std::byte> secret);

}  // namespace assay
