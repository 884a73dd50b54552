/** The paths under which messages name pages of the documentation. */
import { assertEquals } from "@std/assert";
import { docsPage } from "../../../project/docs_page.ts";

const PAGE = "docs/cli.md";

Deno.test("docsPage() names the page below the current folder by its relative path, and any other by its absolute one", () => {
  const installed = new URL("file:///app/node_modules/clerk-supabase/");
  assertEquals(docsPage(PAGE, "/app", installed), "node_modules/clerk-supabase/docs/cli.md");
  assertEquals(docsPage(PAGE, "/app/src", installed), "/app/node_modules/clerk-supabase/docs/cli.md");
  assertEquals(docsPage(PAGE, "/repo", new URL("file:///repo/")), PAGE);
});
