/** `deno task dev` with an empty cache: it fetches only the packages that it needs, by the hashes in `deno.lock`. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { checkOut } from "../../project/checkout.ts";
import { testsOf } from "../helpers/shared_test.ts";
import { FREE_PORTS, interrupt, ready, start, valueOf } from "../helpers/stack/dev.ts";

const folder = await checkOut();
const cache = await Deno.makeTempDir();
const LOCK = `${folder}/deno.lock`;
const lock = await Deno.readTextFile(LOCK);
const test = testsOf("deno task dev with an empty cache ");

/** Returns the names of the fetched packages. */
const fetchedIn = (output: string) =>
  new Set([...output.matchAll(/Download \S+?:\/\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/-\/\S+\.tgz/g)].map(([, name]) => name!));

/** Changes the hash of a package in the copy's lock file. */
async function forge(id: string): Promise<void> {
  const { npm, ...rest } = JSON.parse(lock);
  const integrity = npm[id].integrity.replace(/^sha512-..../, "sha512-AAAA");
  await Deno.writeTextFile(LOCK, JSON.stringify({ ...rest, npm: { ...npm, [id]: { ...npm[id], integrity } } }));
}

test("rejects a package whose hash differs from deno.lock", async () => {
  const id = Object.keys(JSON.parse(lock).npm).find((id) => id.startsWith("smol-toml@"))!;
  await forge(id);
  const dev = start(folder, FREE_PORTS, { DENO_DIR: `${cache}/forged` });
  assertEquals((await dev.status).code, 1);
  assertStringIncludes(dev.output(), "Tarball checksum did not match");
  assertStringIncludes(dev.output(), "for smol-toml@");
  await Deno.writeTextFile(LOCK, lock);
});

test("fetches a page's packages only when the page is opened, by the hashes in deno.lock", async () => {
  const dev = start(folder, FREE_PORTS, { DENO_DIR: `${cache}/deno` });
  try {
    const output = await ready(dev);
    const fetched = fetchedIn(output);
    for (const name of ["@electric-sql/pglite", "@supabase/lite", "jose", "svix", "@supabase/supabase-js"]) {
      assert(fetched.has(name), `${name} was not fetched`);
    }
    for (
      const name of ["@clerk/clerk-js", "swagger-ui-dist", "playwright-core", "fast-check", "@sentry/node", "viem"]
    ) {
      assert(!fetched.has(name), `${name} was fetched`);
    }
    assert(fetched.size < 60, `${fetched.size} packages`);
    const url = valueOf(output, "Project URL");
    const page = (path: string) => fetch(url + path);
    assertEquals((await page("/functions/v1/profile")).status, 401);

    const id = Object.keys(JSON.parse(lock).npm).find((id) => id.startsWith("@clerk/clerk-js@"))!;
    await forge(id);
    const refused = await page("/web/packages/clerk.js");
    assertEquals(refused.status, 502);
    assertMatch(await refused.text(), /^Cannot fetch @clerk\/clerk-js: [^]*Tarball checksum did not match/);
    await Deno.writeTextFile(LOCK, lock);
    const script = await page("/web/packages/clerk.js");
    assertEquals([script.status, (await script.text()).length > 100_000], [200, true]);
    assert((await page("/docs/swagger-ui.css")).ok);
    // The pages do not fetch the dependencies of their packages either.
    const folders = await Array.fromAsync(Deno.readDir(`${cache}/deno/npm`));
    const npm = `${cache}/deno/npm/${folders[0]!.name}`;
    for (const name of ["viem", "@scarf", "@sentry"]) {
      const found = await Deno.stat(`${npm}/${name}`).then(() => true, () => false);
      assert(!found, `${name} was fetched`);
    }
  } finally {
    await interrupt(dev);
  }
});

test("leaves nothing behind", async () => {
  await Promise.all([folder, cache].map((path) => Deno.remove(path, { recursive: true })));
});
