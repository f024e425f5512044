// JMESPath text to tokens (jmespath.org, "Grammar").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace assay::jmespath {

enum class Token : std::uint8_t {
  kEnd,
  kName,     // foo
  kQuoted,   // "foo bar"
  kLiteral,  // `JSON` or 'raw string': both are values
  kNumber,   // -1, in brackets only
  kDot,
  kStar,
  kComma,
  kColon,
  kAt,
  kAmpersand,
  kPipe,
  kOr,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kOpenBracket,   // [
  kOpenFilter,    // [?
  kFlatten,       // []
  kCloseBracket,  // ]
  kOpenBrace,
  kCloseBrace,
  kOpenParenthesis,
  kCloseParenthesis,
};

struct Lexeme {
  Token token = Token::kEnd;
  std::size_t offset = 0;
  std::string text;         // of names, unescaped
  json::Value literal;      // of literals
  std::int64_t number = 0;  // of numbers
};

// The last lexeme is always kEnd.
Result<std::vector<Lexeme>> Tokenize(std::string_view query);

}  // namespace assay::jmespath
