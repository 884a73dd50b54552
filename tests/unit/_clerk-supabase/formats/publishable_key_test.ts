import { assertEquals } from "@std/assert";
import { frontendApiUrl } from "../../../../supabase/functions/_clerk-supabase/formats/publishable_key.ts";

const key = (text: string, prefix = "pk_test_") => prefix + btoa(text).replace(/=+$/, "");

Deno.test("frontendApiUrl() reads the host of test and live keys", () => {
  assertEquals(frontendApiUrl("pk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk"), "https://example.accounts.dev");
  assertEquals(frontendApiUrl(key("clerk.example.com$", "pk_live_")), "https://clerk.example.com");
  assertEquals(frontendApiUrl(key("Clerk.Example.COM$")), "https://clerk.example.com");
  assertEquals(frontendApiUrl(key("127.0.0.1:54350$")), "https://127.0.0.1:54350");
});

Deno.test("frontendApiUrl() returns undefined for other values", () => {
  const bad = [
    ...["", "pk_test_", "sk_test_ZXhhbXBsZS5hY2NvdW50cy5kZXYk", "pk_dev_ZXhhbXBsZS5hY2NvdW50cy5kZXYk", "pk_test_!!!"],
    ...["no-dollar.dev", "two.dev$$", "nodot$", "a.dev/path$", "user@a.dev$", "a.dev?x$", "a .dev$", "$"].map((text) =>
      key(text)
    ),
  ];
  for (const value of bad) assertEquals(frontendApiUrl(value), undefined, value);
});
