/** The findings of the check of a deployment. */
import { assertEquals } from "@std/assert";
import { checkUpload } from "../../tools/deploy/check_upload.ts";
import type { DeployedFunction, Metadata } from "../../tools/deploy/function_routes.ts";

const ENTRY = "supabase/functions/a/index.ts";
const CONFIG = "supabase/functions/a/deno.json";

function upload(metadata: Partial<Metadata>, files: Record<string, string>): Map<string, DeployedFunction> {
  const content = Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)] as const);
  const said = { entrypoint_path: ENTRY, verify_jwt: false, ...metadata };
  return new Map([["a", { slug: "a", metadata: said, files: new Map(content), verifyJwt: false, version: 1 }]]);
}

/** A runtime in which entry points import nothing. */
const runtime = {
  resolve: ({ metadata }: DeployedFunction) =>
    Promise.resolve({ reached: new Set([metadata.entrypoint_path]), problems: [] }),
  checkTypes: () => Promise.resolve([]),
};

const cases: Array<[name: string, Map<string, DeployedFunction>, findings: string[]]> = [
  ["accepts a single entry point", upload({}, { [ENTRY]: "" }), []],
  [
    "accepts the configuration, and the import map that it names",
    upload(
      { import_map_path: CONFIG },
      { [ENTRY]: "", [CONFIG]: '{"importMap":"../../../import_map.json"}', "import_map.json": "{}" },
    ),
    [],
  ],
  [
    "refuses an import map that the configuration's own imports override",
    upload({ import_map_path: CONFIG }, {
      [ENTRY]: "",
      [CONFIG]: '{"imports":{},"importMap":"../../../import_map.json"}',
      "import_map.json": "{}",
    }),
    [
      "a uploads import_map.json, which it does not need. " +
      "Look for an import map's local target, static_files, or an import in a comment.",
    ],
  ],
  [
    "names hidden files first, and counts the rest",
    upload({}, { [ENTRY]: "", "a.ts": "", "b.ts": "", ".git/config": "", "c/.env": "", "d.ts": "" }),
    [
      "a uploads .git/config, c/.env, a.ts and 2 more, which it does not need. " +
      "Look for an import map's local target, static_files, or an import in a comment.",
    ],
  ],
  [
    "refuses a gateway that checks tokens",
    upload({ verify_jwt: true }, { [ENTRY]: "" }),
    ["a: the gateway would check tokens. Set verify_jwt = false under [functions.a] in supabase/config.toml."],
  ],
  [
    "misses a function",
    new Map(),
    ["a was not deployed. Check that its entry point exists, and that its name is valid."],
  ],
];

for (const [name, functions, findings] of cases) {
  Deno.test(`checkUpload() ${name}`, async () => {
    assertEquals(await checkUpload(functions, ["a"], runtime), findings);
  });
}

Deno.test("checkUpload() reports the runtime's findings, and checks types if every import is resolved", async () => {
  const asked: string[] = [];
  const functions = new Map([...upload({}, { [ENTRY]: "" }), ["b", { ...upload({}, {}).get("a")!, slug: "b" }]]);
  const findings = await checkUpload(functions, [], {
    resolve: ({ slug }) => Promise.resolve({ reached: new Set(), problems: slug === "a" ? ["it is gone"] : [] }),
    checkTypes: (uploads) => {
      asked.push(...uploads.map(({ slug }) => slug));
      return Promise.resolve(["it is newer"]);
    },
  });
  assertEquals(asked, ["b"]);
  assertEquals(findings.map((finding) => finding.split(": ").at(-1)), ["it is gone", "it is newer"]);
});
