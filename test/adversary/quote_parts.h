// Where the parts of a quote stand, and a quote put together anew around another certificate chain.
#pragma once

#include <string_view>
#include <vector>

#include "tee/dcap/quote.h"

namespace assay::adversary {

// What a byte of the evidence is part of; certification data and what lies behind the quote are
// "certificate chain in the quote, as text" and "behind the quote".
std::string_view PartAt(const dcap::Quote& quote, View evidence, std::size_t offset);

// The DER certificates of the chain in the quote, in its order.
std::vector<Bytes> ChainOf(const dcap::Quote& quote);
// The same quote with that chain, as PEM and with all lengths right; nothing behind it.
Bytes WithChain(const dcap::Quote& quote, const std::vector<Bytes>& chain);
// The same quote with one of its signed parts replaced by bytes of the same length.
Bytes WithPart(const dcap::Quote& quote, View part, View replacement);

}  // namespace assay::adversary
