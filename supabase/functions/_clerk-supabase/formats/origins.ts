/**
 * Compares the origins that people configure with the origins that browsers send.
 *
 * @module
 */

/** http(s) with a host, an optional port and at most one slash: no path, query, fragment or credentials. */
const WEB = /^https?:\/\/[^/\\?#@%\s"'<>]+\/?$/i;
/** The origin of a native app, with its own scheme, such as capacitor://localhost. */
const NATIVE = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[^/?#*\s"']+$/;
/** The first label of a pattern: one star and at least three fixed characters, including a letter or a digit. */
const STARRED_LABEL = /^(?=(?:[*-]*[a-z0-9-]){3})(?=.*[a-z0-9])[a-z0-9-]*\*[a-z0-9-]*$/;
/** Names under which anyone can register a domain. Covers only the common forms. */
const REGISTRY = /^(?:[^.]+|(?:ac|co|com|edu|gov|go|ne|net|or|org)\.[a-z]{2})$/;
/** A star matches a part of one label. */
const PART = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";

/**
 * Reads a configured origin.
 *
 * @param value An origin, or a pattern whose first label has one `*` beside fixed text: `https://*-my-team.vercel.app`.
 * A label of only a star is refused, because anyone can deploy under hosts such as `vercel.app`.
 * @returns The origin as browsers write it (lower case, no default port, no trailing slash); undefined if it is
 * neither.
 *
 * @example
 * ```ts
 * import { parseOrigin } from "./origins.ts";
 *
 * if (parseOrigin("https://App.Example.com:443/") !== "https://app.example.com") throw new Error();
 * if (parseOrigin("https://*.vercel.app") !== undefined) throw new Error();
 * ```
 */
export function parseOrigin(value: string): string | undefined {
  if (!URL.canParse(value)) return undefined;
  if (!WEB.test(value)) return NATIVE.test(value) ? value : undefined;
  const { origin } = new URL(value);
  // URL parsing turns some other characters into a star, such as the full-width star.
  return !`${value}${origin}`.includes("*") || (isAscii(value) && isPattern(origin)) ? origin : undefined;
}

/** True if the first label has a star and the rest looks like a domain that someone owns. */
function isPattern(origin: string): boolean {
  const { protocol, hostname, host } = new URL(origin);
  const [label = "", ...labels] = hostname.split(".");
  const domain = labels.join(".");
  return protocol === "https:" && STARRED_LABEL.test(label) && !host.slice(label.length).includes("*") &&
    !REGISTRY.test(domain) && /^[a-z]/.test(labels.at(-1) ?? "");
}

/** In a label with non-ASCII characters, the star would become part of the encoded label. */
function isAscii(value: string): boolean {
  return /^[\x21-\x7e]+$/.test(value);
}

/**
 * Creates the test of whether an origin is allowed.
 *
 * @param allowed Results of {@linkcode parseOrigin}.
 * @returns The test. It compares origins byte by byte, because browsers send only one form.
 *
 * @example
 * ```ts
 * import { createOriginTest } from "./origins.ts";
 *
 * const isAllowed = createOriginTest(["https://app.example.com", "https://*-my-team.vercel.app"]);
 * if (!isAllowed("https://app-git-main-my-team.vercel.app")) throw new Error();
 * if (isAllowed("https://evil.com/-my-team.vercel.app")) throw new Error();
 * ```
 */
export function createOriginTest(allowed: readonly string[]): (origin: string) => boolean {
  const exact = new Set(allowed.filter((origin) => !origin.includes("*")));
  const patterns = allowed.filter((origin) => origin.includes("*")).map(compile);
  return (origin) => exact.has(origin) || patterns.some((pattern) => pattern.test(origin));
}

/** A star does not match an internationalized label (`xn--…`), because people see a different text than the pattern. */
function compile(pattern: string): RegExp {
  const [before, after] = pattern.split("*").map((text) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"));
  const readable = before!.includes("xn--") ? "" : "(?!https:\\/\\/xn--)";
  return new RegExp(`^${readable}${before}${PART}${after}$`);
}
