import { assertEquals } from "@std/assert";
import { createOriginTest, parseOrigin } from "../../../../supabase/functions/_clerk-supabase/formats/origins.ts";

const PATTERN = "https://*-my-team.vercel.app";

Deno.test("parseOrigin() writes an origin as browsers do", () => {
  const forms: Record<string, string> = {
    "https://app.example.com": "https://app.example.com",
    "https://app.example.com/": "https://app.example.com",
    "https://app.example.com:443": "https://app.example.com",
    "http://localhost:80/": "http://localhost",
    "HTTPS://App.Example.COM": "https://app.example.com",
    "https://app.example.com:8443": "https://app.example.com:8443",
    "http://localhost:3000": "http://localhost:3000",
    "http://[::1]:3000": "http://[::1]:3000",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "capacitor://localhost": "capacitor://localhost",
    "chrome-extension://abcdefgh": "chrome-extension://abcdefgh",
    [PATTERN]: PATTERN,
    "https://My-App-*-My-Team.Vercel.App:443/": "https://my-app-*-my-team.vercel.app",
    "https://preview-*.example.com": "https://preview-*.example.com",
    "https://preview-*.example.com:8443": "https://preview-*.example.com:8443",
  };
  for (const [value, origin] of Object.entries(forms)) assertEquals(parseOrigin(value), origin, value);
});

Deno.test("parseOrigin() refuses what is not an origin", () => {
  const bad = [
    ...["a.example", "https://", "https:a.example", "https:///a.example", "https://a.example/x", "https://a.example//"],
    ...["https://a.example?", "https://a.example#", "https://u@a.example", "https://u:p@a.example", "null", "*", ""],
    ...["'https://a.example'", '"https://a.example"', "https://a.example\\x", "https://a.example:99999", "https://<a>"],
    ...["capacitor://localhost/", "capacitor://*", "javascript:alert(1)", "https://a b.example"],
  ];
  for (const value of bad) assertEquals(parseOrigin(value), undefined, value);
});

Deno.test("parseOrigin() refuses a pattern whose star anyone could match", () => {
  const bad = [
    ...["https://*", "https://*.com", "https://*.example.com", "https://*.vercel.app", "https://*:3000", "https://*/"],
    ...["https://*-my-team.com", "https://my-*.com", "https://*-my-team.co.uk", "https://*-my-team.com.au"],
    ...["https://app.*-my-team.vercel.app", "https://*-my-team.*.app", "https://*-my-team.vercel.*", "https://a.*"],
    ...[
      "https://**-my-team.vercel.app",
      "https://*-my-*.vercel.app",
      "https://*a.vercel.app",
      "https://---*.vercel.app",
    ],
    ...["https://*-my-team.vercel.app:*", "https://*-my-team", "https://*-team.0.0.1", "https://127*.0.0.1"],
    ...["https://*-münchen.vercel.app", "http://*-my-team.vercel.app", "capacitor://*-my-team.vercel.app"],
    ...["https://u@*-my-team.vercel.app", "https://*-my-team.vercel.app/x", "https://*-my-team.vercel.app?x"],
    ...["https://*%2d-my-team.vercel.app", "https://*-my_team.vercel.app", "*-my-team.vercel.app"],
  ];
  for (const value of bad) assertEquals(parseOrigin(value), undefined, value);
});

Deno.test("parseOrigin() refuses every character that a URL turns into a star", () => {
  const stars = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((character) =>
    character !== "*" && URL.parse(`https://a${character}b.example`)?.hostname === "a*b.example"
  );
  assertEquals(stars.includes("\uff0a"), true);
  for (const star of stars) {
    for (const value of [`https://${star}`, `https://${star}.vercel.app`, `https://${star}-my-team.vercel.app`]) {
      assertEquals(parseOrigin(value), undefined, value);
    }
  }
});

Deno.test("createOriginTest() matches a star with a part of one label", () => {
  const isAllowed = createOriginTest([PATTERN, "https://my-app-*.example.com:8443"]);
  for (
    const origin of [
      "https://my-app-git-main-my-team.vercel.app",
      "https://x-my-team.vercel.app",
      "https://my-app-1a2b3c-my-team.vercel.app",
      "https://my-app-7.example.com:8443",
    ]
  ) assertEquals(isAllowed(origin), true, origin);
});

Deno.test("createOriginTest() refuses lookalikes of a pattern", () => {
  const isAllowed = createOriginTest([PATTERN, "https://app.example.com"]);
  const bad = [
    ...["https://evil.com/-my-team.vercel.app", "https://a.b-my-team.vercel.app.evil.com"],
    ...["https://a.b-my-team.vercel.app", "https://a-my-team.vercel.app.evil.com", "https://a-my-teamXvercel.app"],
    ...["https://a-my-team.vercelXapp", "https://a-my-team.vercel.app:8443", "https://a-my-team.vercel.app:443"],
    ...["https://u@a-my-team.vercel.app", "https://evil.com@a-my-team.vercel.app", "https://a:b@c-my-team.vercel.app"],
    ...["https://A-my-team.vercel.app", "https://a-MY-team.vercel.app", "HTTPS://a-my-team.vercel.app"],
    ...["http://a-my-team.vercel.app", "https://a-my-team.vercel.app/", "https://a-my-team.vercel.app.", PATTERN],
    ...["https://-my-team.vercel.app", "https://--my-team.vercel.app", "https://a--my-team.vercel.app\n"],
    ...["https://xn--evil-my-team.vercel.app", "https://ä-my-team.vercel.app", "https://a_b-my-team.vercel.app"],
    ...[
      "https://evil.com#-my-team.vercel.app",
      "https://evil.com?-my-team.vercel.app",
      "https://a%2e-my-team.vercel.app",
    ],
    ...["https://evil.com\\-my-team.vercel.app", "xhttps://a-my-team.vercel.app", "https://a-my-team.vercel.app evil"],
    ...["\nhttps://a-my-team.vercel.app", "https://evil.com\nhttps://a-my-team.vercel.app", "", "null", "*"],
    ...["https://appXexample.com", "https://app.example.com.evil.com", "https://app.example.com/"],
  ];
  for (const origin of bad) assertEquals(isAllowed(origin), false, origin);
});

Deno.test("createOriginTest() without origins allows none", () => {
  for (const origin of ["", "null", "https://app.example.com"]) assertEquals(createOriginTest([])(origin), false);
});
