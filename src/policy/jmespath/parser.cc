#include "policy/jmespath/parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "policy/jmespath/error.h"
#include "policy/jmespath/functions.h"
#include "policy/jmespath/lexer.h"
#include "policy/jmespath/precedence.h"

namespace assay::jmespath {
namespace {

class Parser {
 public:
  explicit Parser(std::vector<Lexeme> lexemes) : lexemes_(std::move(lexemes)) {}

  Result<Tree> Run() {
    tree_.root = TRY(Expression(0));
    if (Peek() != Token::kEnd) return Unexpected();
    return std::move(tree_);
  }

 private:
  using Index = Result<NodeIndex>;

  Token Peek(std::size_t ahead = 0) const {
    return lexemes_[std::min(at_ + ahead, lexemes_.size() - 1)].token;
  }
  std::size_t Offset() const { return lexemes_[at_].offset; }
  Lexeme& Take() { return lexemes_[at_ + 1 < lexemes_.size() ? at_++ : at_]; }

  tl::unexpected<Error> Unexpected() const {
    return Refuse(Fault::kSyntax, Offset(),
                  Peek() == Token::kEnd ? "the query ends too early" : "unexpected token");
  }

  Result<void> Expect(Token token) {
    if (Peek() != token) return Unexpected();
    Take();
    return {};
  }

  // Refuses trees so deep that walking them could exhaust the stack.
  Index Add(Node node) {
    node.depth = 1 + DepthBelow(tree_, node);
    if (node.depth > limits::kJmesPathDepth) return TooDeep();
    tree_.nodes.push_back(std::move(node));
    return static_cast<NodeIndex>(tree_.nodes.size() - 1);
  }

  tl::unexpected<Error> TooDeep() const {
    return Refuse(Fault::kLimit, Offset(),
                  fmt::format("the query nests deeper than {}", limits::kJmesPathDepth));
  }

  Node Make(Op op, NodeIndex left = 0, NodeIndex right = 0) const {
    Node node;
    node.op = op;
    node.offset = Offset();
    node.left = left;
    node.right = right;
    return node;
  }

  // Node 0 is an identity, so that unused operands point at something shallow.
  Index Identity() {
    if (tree_.nodes.empty()) return Add(Make(Op::kIdentity));
    return NodeIndex{0};
  }

  Index Expression(int power) {
    if (++nesting_ > limits::kJmesPathDepth) return TooDeep();
    TRY_VOID(Identity());
    NodeIndex left = TRY(Prefix());
    while (power < Power(Peek())) left = TRY(Infix(left));
    --nesting_;
    return left;
  }

  Index Prefix() {
    switch (Peek()) {
      case Token::kName: return NameOrCall();
      case Token::kQuoted: return Field();
      case Token::kLiteral: {
        Node node = Make(Op::kLiteral);
        node.literal = std::move(Take().literal);
        return Add(std::move(node));
      }
      case Token::kAt: Take(); return Add(Make(Op::kCurrent));
      case Token::kStar: Take(); return ValueProjection(0, Power(Token::kStar));
      case Token::kOpenFilter: return Filter(0);
      case Token::kFlatten: return Flatten(0);
      case Token::kOpenBrace: Take(); return Hash();
      case Token::kOpenBracket: return PrefixBracket();
      case Token::kNot: {
        Take();
        const NodeIndex operand = TRY(Expression(Power(Token::kNot)));
        return Add(Make(Op::kNot, operand));
      }
      case Token::kAmpersand: {
        Take();
        const NodeIndex operand = TRY(Expression(0));
        return Add(Make(Op::kReference, operand));
      }
      case Token::kOpenParenthesis: {
        Take();
        const NodeIndex inner = TRY(Expression(0));
        TRY_VOID(Expect(Token::kCloseParenthesis));
        return inner;
      }
      default: return Unexpected();
    }
  }

  Index Infix(NodeIndex left) {
    switch (Peek()) {
      case Token::kDot: return Dot(left);
      case Token::kOpenFilter: return Filter(left);
      case Token::kFlatten: return Flatten(left);
      case Token::kOpenBracket: return InfixBracket(left);
      default: break;
    }
    const auto op = BinaryOp(Peek());
    if (!op) return Unexpected();
    return Binary(*op, left);
  }

  Index Binary(Op op, NodeIndex left) {
    Node node = Make(op, left);
    const int power = Power(Take().token);
    node.right = TRY(Expression(power));
    return Add(std::move(node));
  }

  Index Field() {
    Node node = Make(Op::kField);
    node.text = std::move(Take().text);
    return Add(std::move(node));
  }

  // Only an unquoted name can be called.
  Index NameOrCall() {
    if (Peek(1) != Token::kOpenParenthesis) return Field();
    Node node = Make(Op::kCall);
    node.text = std::move(Take().text);
    Take();
    while (Peek() != Token::kCloseParenthesis) {
      node.children.push_back(TRY(Expression(0)));
      if (Peek() == Token::kCloseParenthesis) break;
      TRY_VOID(Expect(Token::kComma));
      if (Peek() == Token::kCloseParenthesis) return Unexpected();
    }
    Take();
    node.function = TRY(FindFunction(node.text, node.children.size(), node.offset));
    return Add(std::move(node));
  }

  Index Dot(NodeIndex left) {
    Take();
    if (Peek() == Token::kStar) {
      Take();
      return ValueProjection(left, Power(Token::kDot));
    }
    Node node = Make(Op::kSubexpression, left);
    node.right = TRY(DotRight(Power(Token::kDot)));
    return Add(std::move(node));
  }

  Index DotRight(int power) {
    switch (Peek()) {
      case Token::kName:
      case Token::kQuoted:
      case Token::kStar: return Expression(power);
      case Token::kOpenBracket: Take(); return List();
      case Token::kOpenBrace: Take(); return Hash();
      default: return Unexpected();
    }
  }

  Index ProjectionRight(int power) {
    if (Power(Peek()) < kProjectionStop) return Identity();
    if (Peek() == Token::kOpenBracket || Peek() == Token::kOpenFilter) return Expression(power);
    TRY_VOID(Expect(Token::kDot));
    return DotRight(power);
  }

  Index ValueProjection(NodeIndex left, int power) {
    Node node = Make(Op::kValueProjection, left);
    node.right = TRY(ProjectionRight(power));
    return Add(std::move(node));
  }

  Index Project(NodeIndex left, int power) {
    Node node = Make(Op::kProjection, left);
    node.right = TRY(ProjectionRight(power));
    return Add(std::move(node));
  }

  Index Filter(NodeIndex left) {
    Node node = Make(Op::kFilterProjection, left);
    Take();
    node.extra = TRY(Expression(0));
    TRY_VOID(Expect(Token::kCloseBracket));
    node.right = Peek() == Token::kFlatten ? TRY(Identity())
                                           : TRY(ProjectionRight(Power(Token::kOpenFilter)));
    return Add(std::move(node));
  }

  Index Flatten(NodeIndex left) {
    Node node = Make(Op::kFlatten, left);
    Take();
    return Project(TRY(Add(std::move(node))), Power(Token::kFlatten));
  }

  bool AtIndex() const { return Peek() == Token::kNumber || Peek() == Token::kColon; }

  Index PrefixBracket() {
    Take();
    if (AtIndex()) return IndexOrSlice(0);
    if (Peek() == Token::kStar && Peek(1) == Token::kCloseBracket) return Wildcard(0);
    return List();
  }

  Index InfixBracket(NodeIndex left) {
    Take();
    if (AtIndex()) return IndexOrSlice(left);
    return Wildcard(left);
  }

  Index Wildcard(NodeIndex left) {
    TRY_VOID(Expect(Token::kStar));
    TRY_VOID(Expect(Token::kCloseBracket));
    return Project(left, Power(Token::kStar));
  }

  Index IndexOrSlice(NodeIndex left) {
    Node node = Make(Op::kIndex, left);
    if (Peek() == Token::kNumber && Peek(1) == Token::kCloseBracket) {
      node.number = Take().number;
      Take();
      return Add(std::move(node));
    }
    node.op = Op::kSlice;
    for (std::size_t part = 0; part < 3; ++part) {
      if (Peek() == Token::kNumber) node.slice[part] = Take().number;
      if (Peek() == Token::kCloseBracket) break;
      if (part == 2 || Peek() != Token::kColon) return Unexpected();
      Take();
    }
    if (node.slice[2] == 0) {
      return Refuse(Fault::kInvalidValue, node.offset, "the step of a slice is 0");
    }
    TRY_VOID(Expect(Token::kCloseBracket));
    return Project(TRY(Add(std::move(node))), Power(Token::kStar));
  }

  Index List() {
    Node node = Make(Op::kList);
    while (true) {
      node.children.push_back(TRY(Expression(0)));
      if (Peek() == Token::kCloseBracket) break;
      TRY_VOID(Expect(Token::kComma));
    }
    Take();
    return Add(std::move(node));
  }

  Index Hash() {
    Node node = Make(Op::kHash);
    while (true) {
      if (Peek() != Token::kName && Peek() != Token::kQuoted) return Unexpected();
      node.keys.push_back(std::move(Take().text));
      TRY_VOID(Expect(Token::kColon));
      node.children.push_back(TRY(Expression(0)));
      if (Peek() == Token::kCloseBrace) break;
      TRY_VOID(Expect(Token::kComma));
    }
    Take();
    return Add(std::move(node));
  }

  std::vector<Lexeme> lexemes_;
  std::size_t at_ = 0;
  std::size_t nesting_ = 0;
  Tree tree_;
};

}  // namespace

Result<Tree> ParseQuery(std::string_view query) { return Parser(TRY(Tokenize(query))).Run(); }

}  // namespace assay::jmespath
