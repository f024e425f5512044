// How strongly the tokens of a query bind.
#pragma once

#include <optional>

#include "policy/jmespath/ast.h"
#include "policy/jmespath/lexer.h"

namespace assay::jmespath {

// Top-down operator precedence (Pratt): how strongly a token binds the expression on its left. The
// order is that of the specification's grammar; the gaps mean nothing.
inline int Power(Token token) {
  switch (token) {
    case Token::kPipe: return 1;
    case Token::kOr: return 2;
    case Token::kAnd: return 3;
    case Token::kEqual:
    case Token::kNotEqual:
    case Token::kLess:
    case Token::kLessEqual:
    case Token::kGreater:
    case Token::kGreaterEqual: return 5;
    case Token::kFlatten: return 9;
    case Token::kStar: return 20;
    case Token::kOpenFilter: return 21;
    case Token::kDot: return 40;
    case Token::kNot: return 45;
    case Token::kOpenBracket: return 55;
    default: return 0;
  }
}
// What binds more weakly than this ends a projection.
inline constexpr int kProjectionStop = 10;

// The node that an operator between two expressions makes.
inline std::optional<Op> BinaryOp(Token token) {
  switch (token) {
    case Token::kPipe: return Op::kSubexpression;
    case Token::kOr: return Op::kOr;
    case Token::kAnd: return Op::kAnd;
    case Token::kEqual: return Op::kEqual;
    case Token::kNotEqual: return Op::kNotEqual;
    case Token::kLess: return Op::kLess;
    case Token::kLessEqual: return Op::kLessEqual;
    case Token::kGreater: return Op::kGreater;
    case Token::kGreaterEqual: return Op::kGreaterEqual;
    default: return std::nullopt;
  }
}

}  // namespace assay::jmespath
