// Azure Confidential Ledger's interface: entries, transactions, lists and what is refused.
#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"
#include "base/limits.h"
#include "service/azure_ledger_world.h"

namespace assay {
namespace {

TEST(AzureLedger, WritesAnEntryAndReadsItBack) {
  AzureLedgerWorld world;
  const LedgerAnswer written = world.Post("Hello", "?collectionId=my%20own");
  EXPECT_EQ(written.status, 200U);
  EXPECT_EQ(written.Text("collectionId"), "my own");
  EXPECT_EQ(written.Transaction(), "2.1");
  const LedgerAnswer read = world.Get("/app/transactions/2.1?collectionId=my+own");
  ASSERT_EQ(read.status, 200U) << read.raw.body;
  EXPECT_EQ(read.Text("state"), "Ready");
  const json::Value& entry = *read.body.Find("entry");
  EXPECT_EQ(*entry.Find("contents")->AsString(), "Hello");
  EXPECT_EQ(*entry.Find("collectionId")->AsString(), "my own");
  EXPECT_EQ(*entry.Find("transactionId")->AsString(), "2.1");
  EXPECT_EQ(world.ledger->applications().Get(0)->author, "root");
  EXPECT_EQ(world.ledger->applications().Get(0)->time, access_testing::kNow);
  EXPECT_EQ(world.Get("/app/transactions/2.1").status, 200U);
}

TEST(AzureLedger, AnswersTheDefaultCollectionWhereNoneIsNamed) {
  AzureLedgerWorld world;
  EXPECT_EQ(world.Post("a").Text("collectionId"), "subledger:0");
  world.Post("b", "?collectionId=other");
  const LedgerAnswer current = world.Get("/app/transactions/current");
  EXPECT_EQ(current.Text("contents"), "a");
  EXPECT_EQ(current.Text("transactionId"), "2.1");
  EXPECT_EQ(current.Transaction(), "2.2");
  EXPECT_EQ(world.Get("/app/transactions/current?collectionId=other").Text("contents"), "b");
  EXPECT_EQ(world.Get("/app/transactions/current?collectionId=third").status, 404U);
}

TEST(AzureLedger, RefusesTransactionsThatAreNotThere) {
  AzureLedgerWorld world;
  world.Post("a");
  for (const char* rest : {"", "/status", "/receipt"}) {
    const std::string suffix = rest;
    EXPECT_EQ(world.Get("/app/transactions/2.2" + suffix).status, 404U) << suffix;
    EXPECT_EQ(world.Get("/app/transactions/3.1" + suffix).status, 404U) << suffix;
    for (const char* wrong : {"2.0", "2", "x", "2.1.1", "02.1", "%zz"}) {
      const auto answer = world.Get("/app/transactions/" + std::string(wrong) + suffix);
      EXPECT_EQ(answer.status, 400U) << wrong << suffix;
      EXPECT_EQ(answer.Code(), "InvalidParameter") << wrong << suffix;
    }
  }
  const auto other = world.Get("/app/transactions/2.1?collectionId=other");
  EXPECT_EQ(other.status, 404U);
  EXPECT_NE(other.Message().find("wrote nothing to the collection \"other\""), std::string::npos);
}

TEST(AzureLedger, ShowsNoDecisionRecordAsAnEntryAndGivesItsReceipt) {
  AzureLedgerWorld world;
  world.ledger->Append(ledger::TestRecord(1)).value();
  EXPECT_EQ(world.Get("/app/transactions/2.1").status, 404U);
  EXPECT_EQ(world.Get("/app/transactions/2.1/status").Text("state"), "Committed");
  EXPECT_EQ(world.Get("/app/transactions/2.1/receipt").Text("state"), "Ready");
  EXPECT_TRUE(world.Get("/app/transactions").body.Find("entries")->AsArray()->empty());
}

TEST(AzureLedger, GivesReceiptsThatVerify) {
  AzureLedgerWorld world;
  for (int i = 0; i < 5; ++i) world.Post("contents " + std::to_string(i));
  for (int i = 1; i <= 5; ++i) {
    const LedgerAnswer answer = world.Get("/app/transactions/2." + std::to_string(i) + "/receipt");
    const auto receipt = ledger::ParseCcfReceipt(answer.raw.body);
    ASSERT_TRUE(receipt) << receipt.error().message;
    EXPECT_FALSE(receipt->proof.claim);
    const auto node = ledger::VerifyCcfReceipt(*receipt, *ledger::TestNode().service);
    EXPECT_TRUE(node) << node.error().message;
  }
  // Versions behind the first tell what is claimed.
  HttpRequest request = AzureLedgerWorld::Make("GET", "/app/transactions/2.2/receipt");
  request.headers = {{"Authorization", "Bearer " + AzureLedgerWorld::Root()}};
  request.query = "api-version=2022-11-23";
  const auto receipt = ledger::ParseCcfReceipt(world.Send(request).raw.body).value();
  ASSERT_TRUE(receipt.proof.claim);
  EXPECT_EQ(receipt.proof.claim->contents, "contents 1");
  EXPECT_TRUE(ledger::VerifyCcfReceipt(receipt, *ledger::TestNode().service));
}

// All pages behind that target.
std::vector<std::string> ContentsOf(AzureLedgerWorld& world, std::string target,
                                    std::size_t* pages = nullptr) {
  std::vector<std::string> out;
  while (!target.empty()) {
    const LedgerAnswer page = world.Get(target);
    EXPECT_EQ(page.status, 200U) << page.raw.body;
    for (const json::Value& one : *page.body.Find("entries")->AsArray()) {
      out.push_back(*one.Find("contents")->AsString());
    }
    target = page.Text("nextLink");
    if (pages != nullptr) ++*pages;
  }
  return out;
}

TEST(AzureLedger, ListsByCollectionTagAndRange) {
  AzureLedgerWorld world;
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    world.Post(n, std::string("?collectionId=") + (i % 2 == 0 ? "a" : "b") +
                      (i % 3 == 0 ? "&tags=wide,red" : ""));
  }
  using Texts = std::vector<std::string>;
  EXPECT_EQ(ContentsOf(world, "/app/transactions?collectionId=a").size(), 10U);
  EXPECT_EQ(ContentsOf(world, "/app/transactions?collectionId=a&tag=red"),
            (Texts{"0", "6", "12", "18"}));
  EXPECT_EQ(ContentsOf(world,
                       "/app/transactions?collectionId=b&fromTransactionId=2.5"
                       "&toTransactionId=2.10"),
            (Texts{"5", "7", "9"}));
  EXPECT_TRUE(ContentsOf(world, "/app/transactions").empty());
  EXPECT_TRUE(ContentsOf(world, "/app/transactions?collectionId=a&tag=blue").empty());
  EXPECT_EQ(world.Get("/app/transactions?fromTransactionId=x").status, 400U);
  EXPECT_EQ(world.Get("/app/transactions?toTransactionId=2.0").status, 400U);
  std::set<std::string> collections;
  const LedgerAnswer all = world.Get("/app/collections");
  for (const json::Value& one : *all.body.Find("collections")->AsArray()) {
    collections.insert(*one.Find("collectionId")->AsString());
  }
  EXPECT_EQ(collections, (std::set<std::string>{"a", "b"}));
  EXPECT_EQ(world.Get("/app/collections?after=x").status, 400U);
}

TEST(AzureLedger, ListsByPagesThatJoinWithoutGapOrDouble) {
  AzureLedgerWorld world;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 2 * limits::kLedgerPage + 1; ++i) {
    expected.push_back(std::to_string(i));
    world.Post(expected.back(), "?collectionId=a%26b");
  }
  std::size_t pages = 0;
  EXPECT_EQ(ContentsOf(world, "/app/transactions?collectionId=a%26b", &pages), expected);
  EXPECT_EQ(pages, 3U);
  expected.resize(limits::kLedgerPage);
  pages = 0;
  EXPECT_EQ(ContentsOf(world,
                       "/app/transactions?collectionId=a%26b&toTransactionId=2." +
                           std::to_string(limits::kLedgerPage),
                       &pages),
            expected);
  EXPECT_EQ(pages, 1U);
}

TEST(AzureLedger, RefusesEntriesThatBreakABound) {
  AzureLedgerWorld world;
  const auto post = [&](const std::string& body, const std::string& query = "") {
    return world.As(AzureLedgerWorld::Root(), "POST", "/app/transactions" + query, body);
  };
  EXPECT_EQ(post("").status, 400U);
  EXPECT_EQ(post("{}").status, 400U);
  EXPECT_EQ(post("[]").status, 400U);
  EXPECT_EQ(post("{\"contents\": 1}").status, 400U);
  EXPECT_EQ(post("{\"contents\": \"a\", \"contents\": \"b\"}").status, 400U);
  EXPECT_EQ(world.Post(std::string(limits::kLedgerContentsBytes + 1, 'x')).status, 400U);
  EXPECT_EQ(world.Post("a", "?collectionId=" + std::string(257, 'x')).status, 400U);
  EXPECT_EQ(world.Post("a", "?collectionId=a%0ab").status, 400U);
  EXPECT_EQ(world.Post("a", "?collectionId=%ff").status, 400U);
  EXPECT_EQ(world.Post("a", "?collectionId=%2").status, 400U);
  EXPECT_EQ(world.Post("a", "?tags=,a").status, 400U);
  std::string tags = "0";
  for (std::size_t i = 1; i <= limits::kLedgerTags; ++i) tags += "," + std::to_string(i);
  EXPECT_EQ(world.Post("a", "?tags=" + tags).status, 400U);
  EXPECT_EQ(world.ledger->checkpoint().size, 0U);
  EXPECT_EQ(world.Post(std::string(limits::kLedgerContentsBytes, 'x')).status, 200U);
  EXPECT_EQ(world.Post("a", "?tags=b,a,b").status, 200U);
  EXPECT_EQ(world.ledger->applications().Get(1)->tags, (std::vector<std::string>{"a", "b"}));
}

TEST(AzureLedger, RefusesToRunCode) {
  AzureLedgerWorld world;
  const auto post = [&](const std::string& body) {
    return world.As(AzureLedgerWorld::Root(), "POST", "/app/transactions", body);
  };
  EXPECT_EQ(post(R"({"contents": "a", "preHooks": [{"functionId": "f"}]})").status, 501U);
  EXPECT_EQ(post(R"({"contents": "a", "postHooks": [{"functionId": "f"}]})").status, 501U);
  EXPECT_EQ(post(R"({"contents": "a", "postHooks": {}})").status, 501U);
  EXPECT_EQ(world.ledger->checkpoint().size, 0U);
  EXPECT_EQ(post(R"({"contents": "a", "preHooks": [], "postHooks": null})").status, 200U);
  for (const char* path : {"/app/userDefinedFunctions", "/app/userDefinedFunctions/f",
                           "/app/userDefinedFunctions/f:execute", "/app/userDefinedEndpoints",
                           "/app/userDefinedEndpoints/runtimeOptions", "/app/roles"}) {
    const auto answer = world.Get(path);
    EXPECT_EQ(answer.status, 501U) << path;
    EXPECT_EQ(answer.Code(), "NotSupported") << path;
    EXPECT_EQ(world.As("x", "GET", path).status, 401U) << path;
  }
}

TEST(AzureLedger, RefusesVersionsPathsAndMethodsThatAreNotThere) {
  AzureLedgerWorld world;
  HttpRequest request = AzureLedgerWorld::Make("GET", "/app/collections");
  request.headers = {{"Authorization", "Bearer " + AzureLedgerWorld::Root()}};
  request.query = "";
  EXPECT_EQ(world.Send(request).Code(), "MissingApiVersionParameter");
  request.query = "api-version=2021-01-01";
  EXPECT_EQ(world.Send(request).Code(), "UnsupportedApiVersionValue");
  EXPECT_EQ(world.Get("/app/other").status, 404U);
  EXPECT_EQ(world.Get("/app/transactions/2.1/other").status, 404U);
  const auto answer = world.As(AzureLedgerWorld::Root(), "PUT", "/app/transactions");
  EXPECT_EQ(answer.status, 405U);
  EXPECT_EQ(answer.Message(), "expected GET, POST");
  EXPECT_EQ(world.As(AzureLedgerWorld::Root(), "DELETE", "/ledgerIdentity/contoso").status, 405U);
}

TEST(AzureLedger, SaysWhoGovernsAndShowsNoQuoteItDoesNotHave) {
  AzureLedgerWorld world;
  const LedgerAnswer constitution = world.Get("/app/governance/constitution");
  EXPECT_EQ(constitution.Text("digest"), HexEncode(Sha256(AsBytes(constitution.Text("script")))));
  EXPECT_FALSE(constitution.Text("script").empty());
  EXPECT_TRUE(world.Get("/app/governance/members").body.Find("members")->AsArray()->empty());
  const LedgerAnswer quotes = world.Get("/app/enclaveQuotes");
  EXPECT_EQ(quotes.Text("currentNodeId"), ledger::NodeIdOf(*ledger::TestNode().certificate));
  EXPECT_TRUE(quotes.body.Find("enclaveQuotes")->AsObject()->empty());
}

TEST(AzureLedger, GivesItsIdentityToEverybodyWhoKnowsItsName) {
  AzureLedgerWorld world;
  HttpRequest request = AzureLedgerWorld::Make("GET", "/ledgerIdentity/contoso");
  request.query = "";
  const LedgerAnswer answer = world.Send(request);
  EXPECT_EQ(answer.Text("ledgerId"), "contoso");
  EXPECT_EQ(answer.Text("ledgerTlsCertificate"), "PEM");
  EXPECT_EQ(world.Send(AzureLedgerWorld::Make("GET", "/ledgerIdentity/other")).status, 404U);
  EXPECT_EQ(world.Send(AzureLedgerWorld::Make("GET", "/ledgerIdentity/")).status, 404U);
}

}  // namespace
}  // namespace assay
