import { assertEquals } from "@std/assert";
import { createTypeTest, isTypePattern } from "../../../../supabase/functions/_clerk-supabase/formats/type_patterns.ts";

Deno.test("a pattern of kept types is a type, or a prefix with a star", () => {
  const good = ["email.created", "subscription.*", "subscriptionItem.freeTrialEnding", "user", "a.b.*"];
  const bad = [
    "*",
    "",
    ".*",
    "email.",
    "email*",
    "email.*.x",
    "*.created",
    "e mail.created",
    "email..created",
    "7.x",
    "a/b",
  ];
  assertEquals([good.filter((one) => !isTypePattern(one)), bad.filter(isTypePattern)], [[], []]);
});

Deno.test("a prefix keeps the types below it, and an exact type keeps itself", () => {
  const keeps = createTypeTest(["subscription.*", "email.created"]);
  const types = ["subscription.created", "subscription.a.b", "email.created"];
  const others = [
    "subscription",
    "subscription.",
    "subscriptionItem.created",
    "Subscription.created",
    "email.createdAt",
    "",
  ];
  assertEquals([types.filter((one) => !keeps(one)), others.filter(keeps)], [[], []]);
  assertEquals(createTypeTest([])("email.created"), false);
});
