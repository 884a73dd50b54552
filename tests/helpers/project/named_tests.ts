/**
 * Finds tests that pages link to as evidence.
 *
 * @module
 */

/**
 * Returns the names of the tests in a source: of Deno.test(), of test() with the prefix from testsOf(), and of lists of
 * named objects whose tests are created in a loop.
 */
export function testNames(source: string): Set<string> {
  const prefix = /^const \w+ = (?:testsOf|browserTestsOf)\((["`])(.*?)\1/m.exec(source)?.[2] ?? prefixOfApp(source);
  const names = new Set<string>();
  for (const [, call, , name] of source.matchAll(/^\s*(Deno\.test|lintTest|test|testsOf\(""\))\((["`])(.*?)\2,/gm)) {
    names.add(call === "test" ? prefix + name : name!);
  }
  if (/^\s*test\(check\.name,/m.test(source)) {
    for (const [, name] of source.matchAll(/^ {4}name: "(.*)",$/gm)) names.add(prefix + name);
  }
  return names;
}

/** The prefix of the tests that exampleTestsOf() and appTestsOf() create for an app. */
function prefixOfApp(source: string): string {
  const app = /^const \{ test, finish \} = (?:example|app)TestsOf\("(.*?)"/m.exec(source)?.[1];
  return app === undefined ? "" : `${app}: `;
}
